"""The admin speaks Vietnamese: Wagtail's own translation and, for what it lacks or words otherwise, ours."""

import json
import re
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.views.i18n import JavaScriptCatalog

ROOT = Path(__file__).parent.parent
OURS = ROOT / "training/locale_wagtail/vi/LC_MESSAGES"
PROJECT = ROOT / "training/locale/vi/LC_MESSAGES"
DOMAINS = ("django", "djangojs")
PLACEHOLDER = re.compile(r"%\([A-Za-z_]+\)[sd]|%[sd]|\{[A-Za-z0-9_]*\}|</?[a-z][^>]*>")
#: Nothing to translate in them.
SAME_IN_BOTH = ("%(range_start)s - %(range_end)s", "%(field_label)s:", "ID", "Wagtail API v2")
#: Formats of values alone: the same in both.
VALUES_ALONE = re.compile(r"^(%\([a-z_]+\)s[ :]*)+$")

#: What an editor meets first, and the words of the glossary for it.
FIRST_MET = {
    "Save draft": "Lưu bản nháp",
    "Save Draft": "Lưu bản nháp",
    "Save": "Lưu",
    "Publish": "Ban hành",
    "Unpublish": "Gỡ xuống",
    "Publish this version": "Ban hành phiên bản này",
    "Schedule to publish": "Hẹn giờ ban hành",
    "Submit for moderation": "Gửi duyệt",
    "Approve": "Duyệt",
    "Reject": "Trả lại",
    "Request changes": "Trả lại để chỉnh sửa",
    "Edit": "Sửa",
    "Copy": "Sao chép",
    "Delete": "Xóa",
    "Cancel": "Hủy",
    "Close": "Đóng",
    "Lock": "Khóa",
    "Unlock": "Mở khóa",
    "Search": "Tìm kiếm",
    "Filter": "Lọc",
    "Choose": "Chọn",
    "Upload": "Tải lên",
    "History": "Lịch sử",
    "Usage": "Nơi sử dụng",
    "Preview": "Xem thử",
    "Comments": "Ý kiến",
    "Content": "Nội dung",
    "Promote": "Hiển thị",
    "Settings": "Cài đặt",
    "Help": "Hướng dẫn",
    "Dashboard": "Tổng quan",
    "Draft": "Bản nháp",
    "draft": "bản nháp",
    "Live": "Đã ban hành",
    "live": "đã ban hành",
    "live + draft": "đã ban hành + bản nháp",
    "scheduled": "đã hẹn giờ",
    "In Moderation": "Đang chờ duyệt",
    "Pages": "Trang",
    "Images": "Hình ảnh",
    "Documents": "Tài liệu",
    "Media": "Âm thanh, video",
    "Snippets": "Mục dùng chung",
    "Reports": "Báo cáo",
    "Collections": "Bộ sưu tập",
    "Workflows": "Quy trình duyệt",
    "Users": "Người dùng",
    "Groups": "Nhóm",
    "Site history": "Lịch sử trang web",
    "Locked pages": "Trang đang khóa",
    "Your most recent edits": "Nội dung anh/chị sửa gần đây",
    "Add child page": "Thêm trang con",
    "Page title": "Tiêu đề trang",
    "slug": "đường dẫn",
    "Choose a page": "Chọn trang",
    "Choose an image": "Chọn hình ảnh",
    "Choose a document": "Chọn tài liệu",
    "Add an image": "Thêm hình ảnh",
    "Yes, delete it": "Xóa",
    "This action cannot be undone.": "Không thể hoàn tác thao tác này.",
    "The page could not be saved due to validation errors.": "Chưa lưu được trang do có lỗi nhập liệu.",
    "Sign in": "Đăng nhập",
    "Log out": "Đăng xuất",
    "Forgotten password?": "Quên mật khẩu?",
}
#: The same, in what scripts say.
FIRST_MET_IN_SCRIPTS = {
    "Edit": "Sửa",
    "Delete": "Xóa",
    "Cancel": "Hủy",
    "Comment": "Ý kiến",
    "Reply": "Trả lời",
    "Insert a block": "Chèn khối",
    "Move up": "Chuyển lên",
    "Move down": "Chuyển xuống",
    "Duplicate": "Nhân đôi",
    "More actions": "Thao tác khác",
    "Saving...": "Đang lưu…",
    "This field is required.": "Cần điền mục này.",
    "Page explorer": "Danh sách trang",
    "Settings": "Cài đặt",
}


def entries(path: Path) -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(str(path), encoding="utf-8") if not entry.obsolete]


def translated_in(path: Path) -> set[tuple]:
    if not path.exists():
        return set()
    return {(entry.msgctxt, entry.msgid) for entry in entries(path) if entry.translated()}


def wagtail_folders() -> list[Path]:
    """The folders of translations of Wagtail's applications that are installed here."""
    names = [name for name in settings.INSTALLED_APPS if name.split(".")[0] in ("wagtail", "wagtailmedia")]
    folders = [Path(find_spec(name).submodule_search_locations[0]) / "locale" for name in names]
    return [folder for folder in folders if folder.exists()]


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_text_of_the_installed_wagtail_has_a_translation(domain):
    ours = translated_in(OURS / f"{domain}.po") | translated_in(PROJECT / f"{domain}.po")
    known = ours.union(*(translated_in(folder / f"vi/LC_MESSAGES/{domain}.po") for folder in wagtail_folders()))
    wanted = set()
    for folder in wagtail_folders():
        english = folder / f"en/LC_MESSAGES/{domain}.po"
        if english.exists():
            wanted |= {(entry.msgctxt, entry.msgid) for entry in entries(english)}
    assert wanted
    assert wanted - known == set(), "Wagtail has new texts: translate them in training/locale_wagtail"


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_catalogue_is_whole(domain):
    catalogue = polib.pofile(str(OURS / f"{domain}.po"), encoding="utf-8", check_for_duplicates=True)
    assert catalogue.metadata["Content-Type"] == "text/plain; charset=UTF-8"
    assert catalogue.metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert catalogue.percent_translated() == 100
    assert catalogue.fuzzy_entries() == []
    for entry in catalogue:
        assert entry.occurrences == []
        assert list(entry.msgstr_plural) == ([0] if entry.msgid_plural else [])
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            # As msgfmt checks it: a text begins and ends with a new line as its original does.
            if text:
                assert text.startswith("\n") == entry.msgid.startswith("\n"), entry.msgid
                assert text.endswith("\n") == entry.msgid.endswith("\n"), entry.msgid


@pytest.mark.parametrize("domain", DOMAINS)
def test_translations_keep_their_placeholders_and_marks(domain):
    for entry in entries(OURS / f"{domain}.po"):
        wanted = sorted(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        text = entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr
        assert sorted(PLACEHOLDER.findall(text)) == wanted, entry.msgid


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_words_are_nfc_and_address_the_reader_politely(domain):
    for entry in entries(OURS / f"{domain}.po"):
        text = entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr
        assert unicodedata.is_normalized("NFC", text), text
        assert "bạn" not in re.findall(r"\w+", text.lower()), text
        assert "!" not in text, text
        # One word for one thing, and tone marks where decrees put them.
        assert not re.search(r"xuất bản|xoá|khoá|hoà\b|huỷ|thuỷ|tuỳ", text.lower()), text
        if text == entry.msgid:
            assert text in SAME_IN_BOTH or VALUES_ALONE.match(text), text


@pytest.mark.parametrize("text", FIRST_MET)
def test_what_an_editor_meets_first_is_vietnamese(text):
    with translation.override("vi"):
        assert translation.gettext(text) == FIRST_MET[text]


def test_moving_a_page_is_vietnamese():
    # An official is moved too, so the word may have several translations; none is English.
    with translation.override("vi"):
        assert translation.gettext("Move") != "Move"
        assert translation.gettext("Move %(title)s") == "Chuyển %(title)s"


@pytest.mark.parametrize("language", ["en", "vi"])
def test_an_english_admin_stays_english(language):
    with translation.override(language):
        assert (translation.gettext("Publish") == "Publish") == (language == "en")


def test_what_scripts_say_to_an_editor_first_is_vietnamese(rf):
    with translation.override("vi"):
        answer = JavaScriptCatalog.as_view(packages=["wagtail.admin"])(rf.get("/"))
    found = re.search(r"const newcatalog = (\{.*?\});\n", answer.content.decode(), re.DOTALL)
    catalogue = json.loads(found[1])
    assert {text: catalogue.get(text) for text in FIRST_MET_IN_SCRIPTS} == FIRST_MET_IN_SCRIPTS
