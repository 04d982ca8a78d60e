"""A judge that looks for the last word of an instruction in two responses, and counts what it was asked."""

from tests.scripted_model import Scripted


def told(first, second):
    return f"Assistant 1: {first}\nAssistant 2: {second}"


def shares(text, instruction):
    """A score for saying what the instruction asks about, and more for saying it twice."""
    return min(10, 1 + 4 * text.count(instruction.split()[-1].rstrip(".")))


class Judge(Scripted):
    """Looks for the subject in a response; counts what it was asked."""

    name = "scripted:judge"

    def __init__(self, text=None):
        super().__init__(text or self._review)
        self.asked = []

    def _review(self, request):
        fields = request.fields
        return told(*(shares(fields[place], fields["instruction"]) for place in ("first", "second")))

    def generate(self, requests):
        self.asked += requests
        return super().generate(requests)
