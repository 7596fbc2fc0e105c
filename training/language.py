"""The language of a request comes from its path alone, so that one address is one text for every cache."""

from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class PathLocaleMiddleware(LocaleMiddleware):
    """Django's, without its look at cookies and Accept-Language and without ``Vary: Accept-Language``.

    ``Vary`` would make a phone's cache miss what it holds. The admin's language is each person's own setting, which
    Wagtail applies later.
    """

    def process_request(self, request):
        language = translation.get_language_from_path(request.path_info) or "vi"
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(self, request, response):
        response.headers.setdefault("Content-Language", translation.get_language())
        return response
