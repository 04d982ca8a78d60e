"use strict";
// Everything that came from a model is set with textContent: it is shown, never interpreted.
const names = JSON.parse(document.querySelector("main").dataset.names);
const two = names.length === 2;
const VERDICTS = { y: ["✓", "yes"], n: ["✗", "no"], u: ["?", "unread"], "-": ["–", "not scored"] };
const OPEN_ALL_BELOW = 40;

const passes = (side) => side !== null && side.h === "y";
const scored = (side) => side !== null && side.h !== "-";
const bothScored = (item) => item.s.every(scored);
const SHOWN = two
  ? [
      ["all items", () => true],
      ["the two differ", (item) => bothScored(item) && passes(item.s[0]) !== passes(item.s[1])],
      [`only ${names[0]} passes`, (item) => bothScored(item) && passes(item.s[0]) && !passes(item.s[1])],
      [`only ${names[1]} passes`, (item) => bothScored(item) && !passes(item.s[0]) && passes(item.s[1])],
      ["failures of either", (item) => item.s.some((side) => scored(side) && !passes(side))],
      ["failures of both", (item) => item.s.every((side) => scored(side) && !passes(side))],
    ]
  : [
      ["all items", () => true],
      ["failures", (item) => scored(item.s[0]) && !passes(item.s[0])],
    ];
SHOWN.push(["unread verdicts", (item) => item.s.some((side) => scored(side) && side.v.includes("u"))]);
SHOWN.push(["not scored", (item) => !item.s.some(scored)]);

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function verdict(letter, word = true) {
  const [sign, name] = VERDICTS[letter];
  const shown = element("span", `verdict ${letter}`, word ? `${sign} ${name}` : sign);
  return shown;
}

function signs(side, model) {
  const all = element("span", "signs");
  if (side === null) {
    all.append(element("span", `model s${model}`, names[model]), " no response");
    return all;
  }
  const held = [...side.v].filter((letter) => letter === "y").length;
  all.append(element("span", `model s${model}`, names[model]), " ");
  const row = element("span", "row");
  row.setAttribute("role", "img");
  row.setAttribute("aria-label", scored(side) ? `${held} of ${side.v.length} constraints satisfied` : "not scored");
  for (const letter of side.v) row.append(verdict(letter, false));
  if (side.b === "n") {
    // Said before the constraints: whatever they satisfy, the item counts as no.
    all.append(element("span", "verdict n", "✗ task"), " ");
    row.classList.add("vetoed");
  }
  all.append(row);
  return all;
}

// Offsets count characters as Python does, not the halves of surrogate pairs.
function marked(side) {
  const box = element("div", "response");
  if (!side.o.trim()) {
    box.append(element("em", "", side.o ? "(nothing but white space)" : "(empty)"));
    return box;
  }
  const characters = Array.from(side.o);
  const spans = (side.e || []).flatMap((each, constraint) =>
    each.map(([start, end]) => ({ start, end: Math.min(end, characters.length), constraint })),
  ).filter((span) => span.start < span.end);
  const edges = [...new Set([0, characters.length, ...spans.flatMap((span) => [span.start, span.end])])];
  edges.sort((one, other) => one - other);
  for (let i = 0; i + 1 < edges.length; i++) {
    const text = characters.slice(edges[i], edges[i + 1]).join("");
    const over = spans.filter((span) => span.start <= edges[i] && span.end >= edges[i + 1]);
    if (!over.length) {
      box.append(text);
      continue;
    }
    const numbers = [...new Set(over.map((span) => span.constraint))];
    const fails = numbers.some((constraint) => side.v[constraint] === "n");
    const mark = element("mark", fails ? "fails" : "", text);
    const closing = over.some((span) => span.end === edges[i + 1]);
    if (closing) mark.dataset.constraints = numbers.map((constraint) => constraint + 1).join(",");
    mark.title = `evidence for constraint ${numbers.map((constraint) => constraint + 1).join(", ")}`;
    box.append(mark);
  }
  if (side.x) box.append(element("p", "note", `${side.x.toLocaleString("en")} further characters are in judgements.jsonl.`));
  return box;
}

function constraints(item) {
  const table = element("table");
  const head = table.createTHead().insertRow();
  for (const title of ["", "constraint", ...names]) {
    const cell = element("th", "", title);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  const rows = Array.from({ length: item.l }, (_, i) => [
    String(i + 1),
    item.r && item.r.length ? item.r[i] : item.r ? "judged: see the instruction" : "rule not at hand",
    item.s.map((side) => (side === null ? "-" : side.v[i])),
  ]);
  if (item.s.some((side) => side !== null && side.b)) {
    rows.unshift(["", "base task done", item.s.map((side) => (side === null || !side.b ? "-" : side.b))]);
  }
  for (const [number, rule, verdicts] of rows) {
    const row = body.insertRow();
    row.append(element("td", "number", number), element("th", "rule", rule));
    row.children[1].scope = "row";
    for (const letter of verdicts) row.insertCell().append(verdict(letter));
  }
  return table;
}

function body(item) {
  const box = element("div", "item");
  if (item.t) box.append(element("h4", "", "Instruction"), element("div", "instruction", item.t));
  const wrap = element("div", "scroll");
  wrap.append(constraints(item));
  box.append(element("h4", "", "Verdicts"), wrap);
  const pair = element("div", two ? "pair" : "single");
  item.s.forEach((side, model) => {
    const column = element("section");
    const heading = element("h4");
    heading.append(element("span", `model s${model}`, names[model]), " responds");
    column.append(heading);
    if (side === null) {
      column.append(element("em", "", "(no response)"));
    } else {
      column.append(marked(side), element("p", "by", `scored by ${side.w}`));
      if (side.j) {
        const raw = element("details", "raw");
        raw.append(element("summary", "", "what the judge said"), element("div", "response", side.j));
        column.append(raw);
      }
    }
    pair.append(column);
  });
  box.append(pair);
  return box;
}

// Built when opened: a page of thousands of items starts at once and stays light.
function lazy(className, summary, fill, open) {
  const details = element("details", className);
  details.append(summary);
  let filled = false;
  const build = () => {
    if (!filled && details.open) {
      filled = true;
      fill(details);
    }
  };
  details.addEventListener("toggle", build);
  details.open = open;
  build();
  return details;
}

function counts(n) {
  return `${n.toLocaleString("en")} item${n === 1 ? "" : "s"}`;
}

function counted(tag, title, group) {
  const summary = element("summary");
  summary.append(element("span", "title", title), element("span", "size", counts(group.length)));
  names.forEach((_, model) => {
    const seen = group.filter((item) => scored(item.s[model]));
    const passed = seen.filter((item) => passes(item.s[model])).length;
    const share = seen.length ? `passes ${passed} of ${seen.length}` : "not scored";
    const part = element("span", "rate");
    part.append(element("span", `model s${model}`, names[model]), ` ${share}`);
    summary.append(part);
  });
  return summary;
}

function itemDetails(item, open) {
  const summary = element("summary");
  summary.append(element("span", "title", `${item.g} · level ${item.l}`));
  item.s.forEach((side, model) => summary.append(signs(side, model)));
  if (two && bothScored(item) && passes(item.s[0]) !== passes(item.s[1])) {
    summary.append(element("span", "differ", `only ${names[passes(item.s[0]) ? 0 : 1]} passes`));
  }
  return lazy("one", summary, (details) => details.append(body(item)), open);
}

function haystack(item) {
  item.hay ??= [item.g, item.t, ...(item.r || []), ...item.s.map((side) => side && side.o)].join("\n").toLowerCase();
  return item.hay;
}

function grouped(list, key) {
  const groups = new Map();
  for (const item of list) {
    if (!groups.has(item[key])) groups.set(item[key], []);
    groups.get(item[key]).push(item);
  }
  return groups;
}

// Each benchmark has a section with items of its own, narrowed down apart from the others.
function layOut(section) {
  const items = JSON.parse(section.querySelector("script").textContent);
  const tree = section.querySelector(".tree");
  const form = section.querySelector(".filters");
  const { show, category, level, search } = form.elements;

  function render() {
    const shown = SHOWN[show.value][1];
    const words = search.value.trim().toLowerCase();
    const chosen = items.filter(
      (item) =>
        shown(item) &&
        (!category.value || item.c === category.value) &&
        (!level.value || item.l === Number(level.value)) &&
        (!words || haystack(item).includes(words)),
    );
    const all = chosen.length === items.length;
    section.querySelector(".count").textContent =
      `${chosen.length.toLocaleString("en")} of ${counts(items.length)}`;
    const open = !all && chosen.length <= OPEN_ALL_BELOW;
    tree.replaceChildren();
    if (!chosen.length) tree.append(element("p", "note", "No item matches."));
    for (const [title, inCategory] of grouped(chosen, "c")) {
      const fillCategory = (box) => {
        for (const [number, inLevel] of [...grouped(inCategory, "l")].sort(([one], [other]) => one - other)) {
          const fillLevel = (inner) => inner.append(...inLevel.map((item) => itemDetails(item, false)));
          box.append(lazy("level", counted("level", `Level ${number}`, inLevel), fillLevel, open));
        }
      };
      tree.append(lazy("category", counted("category", title || "All items", inCategory), fillCategory, open));
    }
  }

  function choose(control, options) {
    for (const [label, value] of options) control.append(new Option(label, value));
    control.addEventListener("change", render);
  }

  choose(show, SHOWN.map(([label], position) => [label, position]));
  choose(category, [["all", ""], ...[...grouped(items, "c").keys()].filter(Boolean).map((name) => [name, name])]);
  choose(level, [["all", ""], ...[...grouped(items, "l").keys()].sort().map((number) => [number, number])]);
  let pause = 0;
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(render, 150);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  section.querySelector(".key").hidden = false;
  render();
}

for (const section of document.querySelectorAll(".drilldown")) layOut(section);
