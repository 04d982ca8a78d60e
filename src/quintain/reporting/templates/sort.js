"use strict";
// A click on a column's title sorts a table by it, the largest first; a second click turns the order round.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.classList.contains("fixed")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].dataset.order ?? row.cells[column].textContent.trim();
      const compare = (one, other) => {
        const [a, b] = [key(one), key(other)];
        return a !== "" && b !== "" && !isNaN(a) && !isNaN(b) ? a - b : a.localeCompare(b, "en", { numeric: true });
      };
      const rows = [...table.tBodies[0].rows].sort((one, other) => (down ? compare(other, one) : compare(one, other)));
      table.tBodies[0].append(...rows);
    });
  });
}
