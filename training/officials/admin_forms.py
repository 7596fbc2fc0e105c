"""Fields and forms of HR's screens in the admin. A chooser offers, and accepts, only units of the actor's scope."""

from django import forms

from training.officials.models import Unit, UnitClosure


class UnitField(forms.ModelChoiceField):
    """Units by their code, in the order of the tree, indented below each other."""

    def __init__(self, **kwargs):
        kwargs.setdefault("queryset", Unit.objects.none())
        super().__init__(to_field_name="code", **kwargs)

    def offer(self, units) -> None:
        """Only these, whatever a request names."""
        self.queryset = units
        first = [] if self.empty_label is None else [("", self.empty_label)]
        self.choices = first + tree_choices(units)


def tree_choices(units) -> list[tuple[str, str]]:
    """(code, name indented by depth) of the units, each under its parent where that is among them. Two queries."""
    known = {unit.pk: unit for unit in units}
    parents = dict(
        UnitClosure.objects.filter(depth=1, ancestor__in=known, descendant__in=known).values_list(
            "descendant", "ancestor"
        )
        if len(known) < 500
        else UnitClosure.objects.filter(depth=1).values_list("descendant", "ancestor")
    )
    children: dict[int | None, list[Unit]] = {}
    for unit in sorted(known.values(), key=lambda each: (each.position, each.code)):
        parent = parents.get(unit.pk)
        children.setdefault(parent if parent in known else None, []).append(unit)
    rows: list[tuple[str, str]] = []

    def walk(parent, depth):
        for unit in children.get(parent, ()):
            rows.append((unit.code, "\u2003" * depth + unit.full_name))
            walk(unit.pk, depth + 1)

    walk(None, 0)
    return rows
