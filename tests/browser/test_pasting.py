"""A trainer pastes from Word into a lesson, by the clipboard: what stood apart stands apart."""

import json
import re

import pytest

from courses.blocks import LessonBlock
from tests.browser.conftest import until
from tests.browser.test_trainer_story import Author, label

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><style><!-- p.MsoNormal {margin:0cm;} --></style></head>
<body lang=VI style='tab-interval:36.0pt'><!--StartFragment-->
<p class=MsoNormal><span lang=VI>Kế hoạch “học mà làm”, theo ‘ba không’:<o:p></o:p></span></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
lang=VI style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;
</span></span></span><![endif]><span lang=VI>không <b>bấm</b> vội<o:p></o:p></span></p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
lang=VI style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;
</span></span></span><![endif]><span lang=VI>không cho mượn<o:p></o:p></span></p>
<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l1 level1 lfo2'><![if !supportLists]><span lang=VI><span
style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;</span></span></span><![endif]><span
lang=VI>gọi lại<o:p></o:p></span></p>
<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0>
 <tr><td width=100><p class=MsoNormal><b>Xã</b><o:p></o:p></p></td>
  <td width=100><p class=MsoNormal><b>Số người</b><o:p></o:p></p></td>
  <td><p class=MsoNormal><o:p>&nbsp;</o:p></p></td></tr>
 <tr><td><p class=MsoNormal>Than Uyên<o:p></o:p></p></td>
  <td><p class=MsoNormal>12</p><p class=MsoNormal>(một nửa)</p></td>
  <td><p class=MsoNormal>“đủ”</p></td></tr>
</table>
<p class=MsoNormal>Hết.</p><!--EndFragment--></body></html>"""


@pytest.fixture
def desk(new_desk):
    return new_desk("GV-0001")


def put_on_the_clipboard(page, html: str) -> None:
    """As Word does: through the browser's own way of copying, untouched."""
    page.evaluate(
        """(html) => document.addEventListener('copy', (event) => {
            event.clipboardData.setData('text/html', html);
            event.clipboardData.setData('text/plain', 'x');
            event.preventDefault();
        }, {once: true, capture: true})""",
        html,
    )
    page.locator("[name=title]").click()
    page.keyboard.press("Control+KeyC")


def lines(html: str) -> list[str]:
    """The paragraphs and list entries of kept rich text, without their keys."""
    html = re.sub(r' data-block-key="\w+"', "", html).replace("\xa0", " ")
    return re.findall(r"<(?:p|li)>.*?</(?:p|li)>|</?[uo]l>", html)


def test_what_comes_from_word_stays_apart(site, desk):
    author = Author(desk.page)
    [(course,)] = site.rows("select id from wagtailcore_page where url_path = ?", "/trang-chu/attt-01/")
    desk.goto(f"/admin/pages/add/courses/lessonpage/{course}/")
    author.fill("title", "Dán từ Word")
    author.block("body", label(LessonBlock, "text"))
    editor = author.editor("body-0-value")
    put_on_the_clipboard(desk.page, WORD)
    editor.click()
    desk.page.keyboard.press("Control+KeyV")
    kept = "document.querySelector('[name=body-0-value]').value"
    until(desk.page, f"{kept}.includes('Hết.')")
    author.publish()
    [(body,)] = site.rows(
        "select body from courses_lessonpage l join wagtailcore_page p on p.id = l.page_ptr_id where p.title = ?",
        "Dán từ Word",
    )
    assert lines(json.loads(body)[0]["value"]) == [
        "<p>Kế hoạch “học mà làm”, theo ‘ba không’:</p>",
        *("<ul>", "<li>không <b>bấm</b> vội</li>", "<li>không cho mượn</li>", "</ul>"),
        *("<ol>", "<li>gọi lại</li>", "</ol>"),
        "<p><b>Xã</b> | <b>Số người</b> | –</p>",
        "<p>Than Uyên | 12 (một nửa) | “đủ”</p>",
        "<p>Hết.</p>",
    ]
