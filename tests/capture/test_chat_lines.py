"""Lines of exported chats: Android and iOS, many languages' dates, what was sent with a message."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.capture.chat_lines import read_chat
from intake.errors import ChatTooLongError, DatesUnclearError, NotAChatError

ARABIC = (
    "\u0663\u0661\u200f/\u0661\u0662\u200f/\u0662\u0660\u0662\u0661"
    "\u060c \u0661\u0661:\u0665\u0669 \u0645"
)
LRM, NNBSP = "\u200e", "\u202f"


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("[31/12/2021, 23:59:58] Amina T: Salam", "2021-12-31T23:59:58"),
        (f"{LRM}[31/12/2021, 23:59:58] Amina T: {LRM}Salam", "2021-12-31T23:59:58"),
        ("[31.12.21, 23:59:58] Amina T: Salam", "2021-12-31T23:59:58"),
        ("[2021/12/31 23:59:58] Amina T: Salam", "2021-12-31T23:59:58"),
        ("[2021/12/31 \u4e0b\u534811:59:58] Amina T: Salam", "2021-12-31T23:59:58"),
        (f"[12/31/21, 11:59:58{NNBSP}PM] Amina T: Salam", "2021-12-31T23:59:58"),
        ("31/12/2021, 23:59 - Amina T: Salam", "2021-12-31T23:59:00"),
        ("12/31/21, 11:59 PM - Amina T: Salam", "2021-12-31T23:59:00"),
        (f"12/31/21, 12:05{NNBSP}AM - Amina T: Salam", "2021-12-31T00:05:00"),
        ("31/12/21 11:59 p. m. - Amina T: Salam", "2021-12-31T23:59:00"),
        ("31.12.21, 23:59 - Amina T: Salam", "2021-12-31T23:59:00"),
        ("31.12.2021 klo 23.59 - Amina T: Salam", "2021-12-31T23:59:00"),
        ("31/12/2021 \u00e0 23:59 - Amina T: Salam", "2021-12-31T23:59:00"),
        ("2021-12-31, 23:59 - Amina T: Salam", "2021-12-31T23:59:00"),
        ("2021/12/31 23:59 - Amina T: Salam", "2021-12-31T23:59:00"),
        ("2021\u5e7412\u670831\u65e5 23:59 - Amina T: Salam", "2021-12-31T23:59:00"),
        ("31/12/2564 23:59 - Amina T: Salam", "2021-12-31T23:59:00"),
        (
            ARABIC + " - Amina T: Salam",
            "2021-12-31T23:59:00",
        ),
        ("31.12.2021 11:59 \u00d6S - Amina T: Salam", "2021-12-31T23:59:00"),
    ],
)  # fmt: skip
def test_a_line_of_each_kind_of_phone_is_read(line: str, sent: str) -> None:
    """The time, the sender and the words; the time as it stood is kept as well."""
    (message,) = read_chat(line).messages

    assert (message.sent, message.sender, message.text) == (sent, "Amina T", "Salam")
    assert message.written
    assert not message.written.startswith("[")


def test_a_message_of_several_lines_is_one() -> None:
    """Also with an empty line in it, and with something like a list or a time inside."""
    words = "one\ntwo\n\n3. three: yes\n12:30 we left"
    text = f"01/02/2021, 10:00 - A: {words}\n13/02/2021, 10:01 - B: four"

    chat = read_chat(text)

    assert [message.text for message in chat.messages] == [words, "four"]
    assert chat.senders == {"A": 1, "B": 1}
    assert chat.order == "dmy"


@pytest.mark.parametrize(
    ("lines", "order"),
    [
        (("01/02/2021, 10:00 - A: x", "13/02/2021, 10:00 - A: x"), "dmy"),
        (("01/02/2021, 10:00 - A: x", "01/13/2021, 10:00 - A: x"), "mdy"),
        (("01/02/2021, 10:00 - A: x", "05/01/2021, 10:00 - A: x"), "mdy"),
        (("03/02/2021, 10:00 - A: x", "01/03/2021, 10:00 - A: x"), "dmy"),
        (("01/02/2021, 10:00 - A: x", "02/02/2021, 10:00 - A: x"), None),
        (("13/13/2021, 10:00 - A: x",), None),
    ],
)
def test_day_and_month_are_told_apart_by_the_whole_file(
    lines: tuple[str, ...], order: str | None
) -> None:
    """A day over twelve, or the order of time; otherwise they are unclear, and not guessed."""
    chat = read_chat("\n".join(lines))

    assert chat.order == order
    assert all(bool(message.sent) is (order is not None) for message in chat.messages)
    assert all(message.written for message in chat.messages)


def test_a_person_says_the_order() -> None:
    """And one that does not fit is refused."""
    text = "01/02/2021, 10:00 - A: x\n02/02/2021, 10:00 - A: y"

    assert read_chat(text, "dmy").messages[0].sent == "2021-02-01T10:00:00"
    assert read_chat(text, "mdy").messages[0].sent == "2021-01-02T10:00:00"
    for wrong in ("ymd", "ydm", "day first"):
        with pytest.raises(DatesUnclearError, match="dmy"):
            read_chat(text, wrong)


@pytest.mark.parametrize(
    ("text", "attached", "words"),
    [
        ("\u200e<attached: 00000002-AUDIO-2021-12-31.opus>", "00000002-AUDIO-2021-12-31.opus", ""),
        ("<adjunto: 00000003-PHOTO.jpg>", "00000003-PHOTO.jpg", ""),
        ("Look at this \u200e<attached: 00000003-PHOTO.jpg>", "00000003-PHOTO.jpg", "Look at this"),
        ("IMG-20211231-WA0001.jpg (file attached)", "IMG-20211231-WA0001.jpg", ""),
        ("\u200eIMG-1.jpg (Datei angeh\u00e4ngt)\nLook at this", "IMG-1.jpg", "Look at this"),
        ("My letter to X.pdf (file attached)", "My letter to X.pdf", ""),
        ("I said (so)", "", "I said (so)"),
        ("a < b: c > d", "", "a < b: c > d"),
    ],
)  # fmt: skip
def test_what_was_sent_with_a_message_is_found(text: str, attached: str, words: str) -> None:
    """By the file's name; the rest are the sender's words."""
    (message,) = read_chat(f"31/12/2021, 10:00 - A: {text}").messages

    assert (message.attached, message.text) == (attached, words)


def test_only_a_file_of_the_archive_was_sent_with_it() -> None:
    """A name that is not there is words."""
    text = "31/12/2021, 10:00 - A: IMG-1.jpg (file attached)"

    assert read_chat(text, files=["IMG-2.jpg"]).messages[0].attached == ""
    assert read_chat(text, files=["IMG-1.jpg"]).messages[0].attached == "IMG-1.jpg"


@pytest.mark.parametrize("words", ["<Media omitted>", "image omitted", "\u200eaudio omitted"])
def test_what_was_left_out_is_said(words: str) -> None:
    """An export without media."""
    (message,) = read_chat(f"31/12/2021, 10:00 - A: {words}").messages

    assert message.is_omitted


def test_lines_of_the_program_have_no_sender() -> None:
    """Nobody said them."""
    text = (
        "31/12/2021, 10:00 - Messages and calls are end-to-end encrypted.\n"
        "31/12/2021, 10:01 - Amina added Sabir\n"
        "31/12/2021, 10:02 - +44 7700 900123: hello"
    )

    assert [message.sender for message in read_chat(text).messages] == ["", "", "+44 7700 900123"]


@pytest.mark.parametrize("text", ["", "\n\n", "hello\nworld", "10:00 - A: x", "1/2 - A: x"])
def test_what_is_no_chat_says_so(text: str) -> None:
    with pytest.raises(NotAChatError, match="Export chat"):
        read_chat(text)


def test_more_than_a_phone_exports_is_refused() -> None:
    """Too many messages, or one without an end."""
    one = "31/12/2021, 10:00 - A: x\n"
    for text in (one * 50_001, one + "y" * 20_001):
        with pytest.raises(ChatTooLongError, match="more than any phone"):
            read_chat(text)
    assert len(read_chat(one * 1000).messages) == 1000


_PIECES = st.sampled_from(
    ["31/12/2021, 10:00 - ", "[1/2/21, 3:04:05 PM] ", "A: ", "<attached: x.jpg>", "\u200e", "\n",
     "\r", ": ", "(file attached)", ".jpg", "x", "\u0663", "\ud83d", "[", "]", " - ", "9" * 40]
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=8), max_size=30).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No other error, and no letter of a sender's words gets lost between messages."""
    try:
        chat = read_chat(text)
    except NotAChatError:
        return
    assert len(chat.messages) >= 1
    assert all(isinstance(message.text, str) for message in chat.messages)
