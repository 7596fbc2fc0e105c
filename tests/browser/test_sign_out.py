"""Signing out where there is no network: the person is gone from the screen at once, her results and rights are not."""

from urllib.parse import urlsplit

from tests.browser.study import FIRST, all_counted, download, events, finish_lesson, pending

HER_NAME = "Lò Thị Hương"
SIGNED_OUT = "document.querySelector('main h1')?.innerText.includes('Đã đăng xuất')"


def press_sign_out(phone) -> None:
    phone.goto("/me/sign-out/")
    phone.until("document.querySelector('main').innerText.includes('chờ gửi')")
    phone.page.click("[data-action=sign-out]")


def signed_in_with_one_result_and_out_without_network(phone) -> None:
    phone.sign_in("CB-0001")
    download(phone)
    phone.cut()
    finish_lesson(phone, FIRST)
    # The account itself needs a network: its tab leads to what does not.
    phone.goto("/me/account/")
    phone.arrive("/me/sign-out/")
    phone.until(f"document.querySelector('[data-who]').innerText.includes('{HER_NAME}')")
    press_sign_out(phone)
    phone.until(SIGNED_OUT)


def sign_outs(site) -> int:
    return site.rows("select count(*) from officials_signinrecord where what = 'out'")[0][0]


def test_without_a_network_her_name_goes_at_once_and_the_session_ends_with_the_first_network(site, phone):
    signed_in_with_one_result_and_out_without_network(phone)
    said = phone.page.inner_text("main")
    assert "1 kết quả được giữ" in said
    assert "Việc đăng xuất tự hoàn tất khi có mạng" in said
    assert HER_NAME not in phone.page.inner_text("body")
    for path in ("/me/", "/me/results/", "/me/sign-out/"):
        phone.goto(path)
        phone.until("document.body.innerText.includes('Đã đăng xuất trên máy này')")
        assert HER_NAME not in phone.page.inner_text("body")
        assert phone.page.locator("main [data-course]").count() == 0
    phone.close()
    phone.open()
    phone.goto("/en/me/sign-out/")
    phone.until("/Signed out on this phone|Đã đăng xuất/.test(document.body.innerText)")
    pending(phone, 1)
    assert events(site) == []

    asked = []
    phone.page.on("request", lambda request: asked.append(request.url.removeprefix(site.url)))
    phone.connect()
    phone.goto("/me/")
    phone.arrive("/accounts/login/")
    own = [path for path in asked if path in ("/accounts/logout/", "/api/me/")]
    assert own[:2] == ["/accounts/logout/"] * 2
    phone.eventually(lambda: [verdict for _, verdict, _, _ in events(site)] == ["accepted"])
    assert sign_outs(site) == 1
    assert site.rows("select count(*) from django_session") == [(0,)]
    assert not phone.errors


def test_whoever_signs_in_first_is_not_signed_out_by_the_sign_out_before(site, phone):
    signed_in_with_one_result_and_out_without_network(phone)
    # The link comes back so bad that the sign-out itself does not get through, but a sign-in does.
    phone.context.route("**/accounts/logout/", lambda route: route.abort())
    phone.connect()
    phone.sign_in("CB-0002")
    phone.until("document.querySelector('[data-who]').innerText.includes('Giàng A Páo')")
    phone.context.unroute("**/accounts/logout/")
    phone.goto("/me/results/")
    all_counted(phone)
    phone.goto("/me/")
    phone.until("document.querySelector('main [data-course]') !== null")
    assert "Giàng A Páo" in phone.page.inner_text(".top")
    assert sign_outs(site) == 0
    assert len(events(site, "CB-0001")) == 1
    assert events(site, "CB-0002") == []


def test_with_a_network_signing_out_leads_to_the_sign_in_and_leaves_another_tab_too(site, phone):
    phone.sign_in("CB-0001")
    phone.ready()
    phone.until(f"document.querySelector('[data-who]').innerText.includes('{HER_NAME}')")
    tab = phone.context.new_page()
    tab.goto(site.url + "/me/sign-out/")
    tab.click("[data-action=sign-out]")
    tab.wait_for_url(lambda url: urlsplit(url).path == "/accounts/login/")
    assert sign_outs(site) == 1
    phone.arrive("/accounts/login/")
    assert HER_NAME not in phone.page.inner_text("body")
