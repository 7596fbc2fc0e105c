"""What the edit views of courses, lessons and quizzes have beyond their fields."""

from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.panels import Panel


class CopyWithoutMirrorForm(CopyForm):
    """Wagtail's, without "alias": two pages of one activity in one language are refused (ActivityPage.save)."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("alias", None)

    def clean(self):
        cleaned = super().clean()
        slug = cleaned.get("new_slug")
        if slug and (problem := self.page.specific.address_problem(slug)):
            self.add_error("new_slug", problem)
        return cleaned


class WeightPanel(Panel):
    """What the page, as it was last saved, costs a phone; for a course, each of its parts and the whole."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "courses/panels/weight.html"

        def is_shown(self):
            return super().is_shown() and self.instance.pk is not None

        def get_context_data(self, parent_context=None):
            # Weighing renders pages, which know their panels: a circle at import.
            from courses import weight
            from courses.models import CoursePage

            context = super().get_context_data(parent_context)
            page = type(self.instance).objects.get(pk=self.instance.pk)
            if isinstance(page, CoursePage):
                context["weights"] = weight.weights_of_parts(page)
                context["pack_size"] = weight.pack_size(page)
                context["is_course"] = True
            else:
                context["weights"] = [weight.weight_of(page.get_latest_revision_as_object())]
            return context
