"""What is taught. Pages are what authors edit; activities, editions and fragments are what everything else refers
to.
"""

from courses.models.activity import Activity, ActivityKind, Edition
from courses.models.fragment import Address, Fragment, FragmentMedia, MediaFile, Unwritten
from courses.models.pages import ActivityPage, CataloguePage, CoursePage, LessonPage

__all__ = [
    "Activity",
    "ActivityKind",
    "ActivityPage",
    "Address",
    "CataloguePage",
    "CoursePage",
    "Edition",
    "Fragment",
    "FragmentMedia",
    "LessonPage",
    "MediaFile",
    "Unwritten",
]
