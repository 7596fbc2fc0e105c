"""Units: a tree with dated parentage, keyed by code, never by name.

Names repeat and wander between units (the new commune Mường Than is not the old one), so everything refers to the
code. The tree of today is also kept flat (UnitClosure), because every question HR asks is about a subtree.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from training.officials.names import clean, fold


class UnitKind(models.TextChoices):
    PROVINCE = "province", _("Province")
    DEPARTMENT = "department", _("Department")
    COMMUNE = "commune", _("Commune")
    WARD = "ward", _("Ward")
    SECTION = "section", _("Section of a unit")
    DISTRICT = "district", _("Former district")


class Unit(models.Model):
    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_folded = models.CharField(max_length=200, editable=False, db_index=True)
    kind = models.CharField(_("kind"), max_length=12, choices=UnitKind.choices)
    former_district = models.CharField(_("former district"), max_length=100, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    #: Place among its siblings in lists; the tree in order is (UnitClosure to the top, position).
    position = models.PositiveIntegerField(default=0)
    #: Full name of the unit this is a section of, where a list said so (`say_whose_sections`).
    section_of = ""

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["position", "code"]

    def __str__(self):
        return self.name

    @property
    def full_name(self) -> str:
        """With what the name alone would not say: "Xã Than Uyên", "Phòng Kinh tế, Xã Than Uyên"."""
        if self.kind in (UnitKind.COMMUNE, UnitKind.WARD):
            return f"{self.get_kind_display()} {self.name}"
        return f"{self.name}, {self.section_of}" if self.section_of else self.name

    def save(self, *args, **kwargs):
        self.name = clean(self.name)
        self.name_folded = fold(self.name)
        super().save(*args, **kwargs)


def say_whose_sections(units) -> None:
    """Before units are listed by name: every commune has a section of the same name. One query."""
    sections: dict[int, list[Unit]] = {}
    for unit in units:
        if unit.kind == UnitKind.SECTION:
            sections.setdefault(unit.pk, []).append(unit)
    for above in UnitClosure.objects.filter(depth=1, descendant__in=sections).select_related("ancestor"):
        for unit in sections[above.descendant_id]:
            unit.section_of = above.ancestor.full_name


class UnitPlacement(models.Model):
    """Under which unit a unit stood, from which day to which (both included)."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="placements")
    parent = models.ForeignKey(Unit, models.PROTECT, related_name="child_placements")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(valid_to=None), name="one_open_placement_a_unit"),
        ]


class UnitSuccession(models.Model):
    """Which unit took over from which, on what day: a merger has several predecessors, a split several successors."""

    predecessor = models.ForeignKey(Unit, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Unit, models.PROTECT, related_name="origins")
    on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="one_succession_a_pair"),
        ]


class UnitClosureManager(models.Manager):
    def rebuild(self, on=None) -> None:
        """Bring the flat tree in step with the given day (today). Cheap: a province has some hundred units.

        Only what differs is written. Written anew for each of a province's units as they are loaded, its rows left
        hundred thousands of dead ones in PostgreSQL, and HR's report read through them for minutes.
        """
        on = on or timezone.localdate()
        parents = dict(
            UnitPlacement.objects.filter(valid_from__lte=on)
            .filter(Q(valid_to=None) | Q(valid_to__gte=on))
            .values_list("unit_id", "parent_id")
        )
        wanted = {}
        for unit in Unit.objects.values_list("pk", flat=True):
            ancestor, depth = unit, 0
            while ancestor is not None and depth < 20:
                wanted[ancestor, unit] = depth
                ancestor, depth = parents.get(ancestor), depth + 1
        stands, gone = set(), []
        for pk, ancestor, unit, depth in self.values_list("pk", "ancestor_id", "descendant_id", "depth"):
            if wanted.get((ancestor, unit)) == depth:
                stands.add((ancestor, unit))
            else:
                gone.append(pk)
        if gone:
            self.filter(pk__in=gone).delete()
        missing = [
            UnitClosure(ancestor_id=ancestor, descendant_id=unit, depth=depth)
            for (ancestor, unit), depth in wanted.items()
            if (ancestor, unit) not in stands
        ]
        self.bulk_create(missing, batch_size=1000)


class UnitClosure(models.Model):
    """Every (ancestor, descendant) pair of today's tree, each unit with itself included at depth 0."""

    ancestor = models.ForeignKey(Unit, models.CASCADE, related_name="closure_down")
    descendant = models.ForeignKey(Unit, models.CASCADE, related_name="closure_up")
    depth = models.PositiveSmallIntegerField()

    objects = UnitClosureManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ancestor", "descendant"], name="one_closure_row_a_pair"),
        ]
