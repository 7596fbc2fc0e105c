"""What scripts say, in the language of the page: handed to them as data by ``{% words %}`` in the shell.

A pair is (one, other) and is chosen by ``n``; Vietnamese has one form for both. Braces hold values. Keys are read by
``t(key, values)`` of static/js/app.js; static/js/pages/*.js use the parts named after them.
"""

from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_noop as _

COMMON = {
    "online": _("Online"),
    "offline": _("No network"),
    "pending": (_("{n} result waiting to be sent"), _("{n} results waiting to be sent")),
    "nothingWaiting": _("nothing waiting to be sent"),
    "allSent": _("all sent at {time}"),
    "updateReady": _("A new version of this site is ready."),
    "updateNow": _("Use it now"),
    "cannotKeep": _(
        "This browser keeps nothing. Open the page in Chrome, outside a private window, to study without a network."
    ),
    "otherSignedIn": _("{name} has signed in on this phone. Load the page again to go on under that name."),
    "keptHere": (
        _("{n} result of whoever used this phone before is kept here, and is sent by itself."),
        _("{n} results of whoever used this phone before are kept here, and are sent by themselves."),
    ),
    "sessionOver": _("You have been signed out. Results are still sent; marks come after the next sign-in."),
    "signIn": _("Sign in"),
    "signedOutHere": _("Signed out on this phone. Results kept here are sent when there is a network."),
    "tryAgain": _("Try again"),
    "failedToKeep": _("Not saved: this phone has no room left. Remove a downloaded course, then try again."),
}
#: What lines.js and progress.js say, on several pages.
COURSES = {
    "passed": _("Passed"),
    "notPassed": _("Not passed yet"),
    "points": _("{points} points ({percent}%)"),
    "completed": _("Completed"),
    "completedOn": _("completed {day}"),
    "overdue": (_("{n} day overdue"), _("{n} days overdue")),
    "daysLeft": (_("{n} day left"), _("{n} days left")),
    "dueToday": _("Due today"),
    "due": _("due {day}"),
    "dueOn": _("Due {day}"),
    "stepsDone": _("{done} of {total} steps done"),
    "ready": _("Can be studied without a network"),
    "downloading": _("Downloading"),
    "newVersion": _("There is a new version"),
    "onlyChanges": _("Only what changed is downloaded. The version on this phone can still be studied."),
    "update": _("Update"),
    "remove": _("Remove from this phone"),
    "freeRoom": _("Free on this phone: {size}."),
    "exactBytes": _("{n} bytes"),
    "saved": _("Saved on this phone"),
    "sent": _("Sent"),
    "received": _("Received by the server"),
    "counted": _("Counted"),
    "attention": _("Needs attention"),
    "notYet": _("(not yet)"),
    "goesByItself": _("Goes by itself when there is a network"),
    "why_received": _("The server has it and will look at it again."),
    "why_device_unknown": _("The server does not know this phone yet. Sign in once on it with a network."),
    "why_attention": _("The server could not count it. Show this page to the HR officer of your unit."),
    "why_device_revoked": _("This phone was revoked. An HR officer decides about the result; do nothing."),
    "why_id_conflict": _("The server holds another result under this number. An HR officer is asked; do nothing."),
    "why_seq_conflict": _(
        "The server holds another result under this number. An HR officer is asked; do nothing."
    ),
    "why_activity_mismatch": _(
        "The lesson or quiz was not part of the course. Open the course and finish it again."
    ),
    "why_answers_mismatch": _("The answers do not fit the questions of this quiz. Take the quiz again."),
    "why_attempt_answered": _("This attempt had been submitted already; the first answers stand."),
    "why_voided": _("An HR officer looked at it and decided that it does not count. Ask her why."),
    "why_over_limit": _("beyond the attempts allowed, so it does not count"),
    "nothingLost": _("Nothing is lost."),
    "err_offline": _("The network went away"),
    "err_portal": _("This network answers with a page of its own: sign in to the Wi-Fi first"),
    "err_signed_out": _("Sign in again, then download"),
    "err_gone": _("This course can no longer be downloaded"),
    "err_server": _("The server has a fault; try again later"),
    "err_damaged": _("Something arrived damaged and was thrown away"),
    "err_full": _("Not enough room on this phone"),
    "err_failed": _("The download did not work"),
    "err_busy": _("It is being downloaded already"),
}
COURSE = {
    "download": _("Download to study without a network"),
    "downloadNow": _("Download"),
    "notHere": _("Not on this phone yet."),
    "ofBytes": _("{done} of {total} bytes"),
    "stop": _("Stop"),
    "readyMore": _("{size}, downloaded and checked {at}."),
    "removedHere": _("Removed from this phone. No result is lost."),
    "seeStorage": _("See what is stored"),
    "oldStays": _("The version on this phone is whole and stays."),
    "goesOnByItself": _("The rest comes by itself when there is a network."),
    "roomNeeded": _("{size} more is needed."),
    "openInBrowser": _("Open in a browser to download"),
    "insideApp": _(
        "You are reading inside another app. Lessons can be read here, but not downloaded, and nothing is kept without"
        " a network."
    ),
    "continueWith": _("Continue: {name}"),
    "begin": _("Start studying"),
    "readAgain": _("Read it again"),
    "stillToDo": _("Left: {what}"),
    "learned": _("Done"),
    "notStarted": _("Not begun"),
    "waitsForMark": _("Submitted, waiting for the mark"),
    "minutes": (_("{n} minute"), _("{n} minutes")),
    "signInToKeep": _("Sign in to keep your progress"),
}
#: Where a result is, in a few words more; and the way on from a lesson or a quiz.
ONWARD = {
    "uncertain": _("Not saved: somebody has just signed in on this phone. Try again when there is a network."),
    "needsNetwork": _("Not saved: sign in on this phone first, while there is a network."),
    "storeClosed": _(
        "Not saved: the browser stores nothing at the moment. Close other pages of this site, then try again."
    ),
    "savedMore": _("goes by itself when there is a network"),
    "sentMore": _("no answer from the server yet; still kept on this phone"),
    "receivedMore": _("not counted yet"),
    "countedMore": _("It is in your record."),
    "attentionMore": _("see the reason"),
    "next": _("Next"),
    "toCourse": _("To the course"),
    "rightAnswer": _("The right answer: {answer}"),
}
#: What came of "Send results now": the outcomes of sendNow() in static/js/deliver.js.
SENDING = {
    "sending": _("Sending"),
    "send_done": _("Sent, and the server has answered."),
    "send_waiting": _("Sent, but the server has not answered about every result. The others go again by themselves."),
    "send_offline": _("No answer: the server can't be reached. Results are kept here and go by themselves."),
    "send_server": _("The server can't take results at the moment. They are kept here and go by themselves later."),
    "send_untrusted": _(
        "It was not the server that answered, perhaps the page of a Wi-Fi. Results are kept here and go by themselves."
    ),
    "send_elsewhere": _("Another page of this site is sending them already."),
    "send_failed": _("This phone could not write down the answer. Results are kept here and go again by themselves."),
}
LESSON = {
    "lesson_saved": _("Lesson finished. Saved on this phone"),
    "lesson_sent": _("Lesson finished. Sent"),
    "lesson_received": _("Lesson finished. The server has received it"),
    "lesson_counted": _("Lesson finished"),
    "lesson_attention": _("Not counted yet: see My results"),
    "onceMore": _("The course has changed. Finish this lesson once more, and the course is completed."),
    "check": _("Check my answer"),
    "chooseFirst": _("Choose an answer first."),
    "right": _("Right."),
    "notRight": _("Not quite."),
    "answerAgain": _("Answer again"),
}
QUIZ = {
    "quizChanged": _("The quiz was updated before you submitted. Start again with the new questions."),
    "quizElsewhere": _(
        "You began this attempt in the other language. It waits there; if you start here, the same attempt begins anew."
    ),
    "attemptNo": _("attempt {n}"),
    "attempt": _("Attempt {n}"),
    "resume": _("Go on with question {n}"),
    "question": _("Question"),
    "questionOf": _("Question {n} of {all}"),
    "answeredOf": _("{n} of {all} questions answered"),
    "flag": _("Mark to look at again"),
    "flagged": _("marked to look at again"),
    "keptAt": _("Answers saved on this phone at {at}"),
    "previousQuestion": _("Previous question"),
    "nextQuestion": _("Next question"),
    "lookBack": _("Look back and submit"),
    "lookBackHead": _("Look back before submitting"),
    "stillOpen": (_("{n} question is still open: {which}"), _("{n} questions are still open: {which}")),
    "openIsZero": _("An open question earns no points."),
    "answered": _("answered"),
    "open": _("not answered"),
    "doQuestion": _("Answer question {n}"),
    "submit": _("Submit answers"),
    "submitIsFinal": _("Once submitted, answers can't be changed."),
    "attemptsLeftAfter": (_("After this, {n} attempt is left."), _("After this, {n} attempts are left.")),
    "offlineSubmit": _("No network now: what you submit is saved on this phone and goes by itself later."),
    "noneLeft": (_("The {n} attempt allowed has been used"), _("All {n} attempts allowed have been used")),
    "noneLeftMore": _("Ask your trainer or HR officer if you need another one."),
    "quizKept": _("Your answers are saved on this phone"),
    "quizArrived": _("Your answers have arrived"),
    "submittedAt": _("Submitted {at}."),
    "serverMarks": _(
        "There is no mark yet, because the server marks this quiz. It goes by itself when there is a network; you need"
        " not do it again."
    ),
    "markComes": _("The mark shows here as soon as this phone has heard it; sign in if you have been signed out."),
    "passMark": _("pass mark {points}"),
    "attemptsLeft": (_("{n} attempt left"), _("{n} attempts left")),
    "planToPass": _("Read the lessons again where you were unsure, then try again. The best attempt counts."),
    "courseCompleted": _("You have completed this course."),
    "tryQuizAgain": _("Take the quiz again"),
    "sendNow": _("Send results now"),
    "whereIsIt": _("Has the result arrived?"),
    "review": _("Questions to look at again"),
    "allRight": _("All questions were answered right."),
    "youChose": _("You chose: {answer}"),
    "leftOpen": _("You left it open."),
    "right": _("Right."),
    "notRight": _("Not quite."),
    "rightOnes": (_("{n} question answered right"), _("{n} questions answered right")),
    "explanationsLater": _("Right answers and explanations show here when there is a network and you are signed in."),
}
ME = {
    "nextIs": (_("next: {name} ({n} minute)"), _("next: {name} ({n} minutes)")),
    "readyShort": _("can be studied without a network"),
    "continue": _("Continue studying"),
    "begin": _("Start studying"),
    "aboutCourse": _("About this course"),
    "onlyVietnamese": _("In Vietnamese only"),
    "onlyEnglish": _("In English only"),
    "notPublished": _("Not published at the moment; what you have done stays"),
    "notDownloaded": _("Not downloaded; needs a network"),
    "newVersionReady": _("On this phone; there is a new version"),
    "courses": (_("{n} course"), _("{n} courses")),
    "overdueCourses": (_("{n} overdue"), _("{n} overdue")),
    "nothingAssigned": _(
        "No course has been assigned to you yet. Meanwhile you can study those open to everyone."
    ),
    "seeCourses": _("See the courses"),
    "group_studying": _("Studying"),
    "group_assigned": _("Assigned, not started"),
    "group_completed": _("Completed"),
    "group_open": _("Open to everyone"),
    "install": _("Put this site on the home screen"),
    "installMore": _("It then opens like an app, also without a network."),
    "installNow": _("Install"),
    "listMissing": _("Your courses are not here yet"),
    "listMissingMore": _("The first time needs a network. You are signed in and need not do that again."),
    "firstSignIn": _("The first sign-in needs a network. After that you can learn and take quizzes without one."),
}
RESULTS = {
    "nothingWaits": _("Nothing is waiting to be sent"),
    "sentByItself": _("They go by themselves when there is a network."),
    "lastSent": _("Last sent: {at}."),
    "results_attention": _("Needs attention"),
    "results_onTheWay": _("Not arrived yet"),
    "results_there": _("Arrived"),
    "quizAt": _("submitted {at}"),
    "explained": _("Answers and explanations"),
    "quiz_submitted": _("Quiz"),
    "lesson_finished": _("Lesson"),
    "lesson_counted": _("Lesson finished"),
    "stepOf": _("Step {n} of {all}"),
    "noResults": _("No results yet. Finish a lesson, and its result shows here with the place it has reached."),
    "openCourses": _("Open my courses"),
}
STORAGE = {
    "used": _("{size} used."),
    "persisted": _("The phone has agreed to keep this."),
    "notPersisted": _("The phone may clear this when it runs out of room. Results are sent all the same."),
    "nothingHeld": _("No course has been downloaded. Download while there is a network, and study anywhere."),
    "chooseCourse": _("Choose a course to download"),
    "downloadedAt": _("downloaded {at}"),
    "share": _("This course's share of what is used"),
    "eachCourse": _("Course by course"),
    "removeKeeps": _("Removing a course loses no result."),
    "pendingKept": (_("{n} result waiting to be sent stays."), _("{n} results waiting to be sent stay.")),
    "removed": _("{name} is removed from this phone. No result is lost."),
    "updated": _("The new version is on this phone."),
}
OFFLINE = {
    "nothingLostPending": (
        _("Nothing is lost: {n} result is kept on this phone and goes by itself."),
        _("Nothing is lost: {n} results are kept on this phone and go by themselves."),
    ),
    "studyNow": _("Can be studied now, without a network"),
}
SIGN_OUT = {
    "keptAfterSignOut": (
        _("{n} result waiting to be sent stays on this phone, and is sent after you sign out too."),
        _("{n} results waiting to be sent stay on this phone, and are sent after you sign out too."),
    ),
    "nothingWaitsHere": _("Nothing is waiting to be sent on this phone."),
    "signedOut": _("Signed out on this phone"),
    "signedOutMore": _("The sign-out finishes by itself when there is a network."),
    "keptAfter": (
        _("{n} result is kept on this phone, and is sent when there is a network."),
        _("{n} results are kept on this phone, and are sent when there is a network."),
    ),
    "signInNeedsNetwork": _("Signing in again needs a network."),
}
OPEN = {
    "copied": _("The address is copied. Paste it into Chrome."),
    "selected": _("The address is selected. Copy it, and paste it into Chrome."),
}
WORDS = {
    "common": COMMON,
    "courses": COURSES,
    "course": {**COURSES, **COURSE},
    "lesson": {**ONWARD, **LESSON},
    "quiz": {**COURSES, **ONWARD, **SENDING, **QUIZ},
    "catalogue": {},
    "me": ME,
    "results": {**ONWARD, **SENDING, **RESULTS},
    "storage": STORAGE,
    "offline": OFFLINE,
    "signout": SIGN_OUT,
    "open": OPEN,
}


@cache
def _words(language: str, parts: tuple[str, ...]) -> dict:
    words = {}
    for part in parts:
        for key, text in WORDS[part].items():
            words[key] = [translate(form) for form in text] if isinstance(text, tuple) else translate(text)
    return words


def words_of_kind(kind: str) -> dict:
    """What a page of this kind says; all that any fragment says where the kind is not known (the phone's shell)."""
    return words_for(("common", kind) if kind else ("common", "course", "lesson", "quiz"))


def words_for(parts: tuple[str, ...]) -> dict:
    """The sentences of the parts, in the language now active."""
    return _words(get_language() or "vi", parts)
