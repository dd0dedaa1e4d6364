"""Are bytes read as what they mean, whatever their label says?"""

from __future__ import annotations

import encodings.aliases

import pytest

from monitor.steps.charset import decode, known

WORDS = {
    "ru": "Дезертир бежал из части",
    "ru-short": "Дезертир",
    "ru-marks": "Солдат ушёл из части — рассказ «очевидца»",
    "uk": "Самовільне залишення частини: п’ятисоті",
    "upper": "ДЕЗЕРТИР НАЙДЕН",
}
CODECS = ("cp1251", "koi8-u", "cp866", "mac-cyrillic", "iso8859-5", "utf-8")
LABELS = (None, "utf-8", "windows-1251", "iso-8859-1", "koi8-r", "us-ascii")


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("words", WORDS)
def test_P03_cyrillic_is_read_in_every_charset_under_every_label(words: str, codec: str, label: str | None) -> None:
    said = WORDS[words]
    body = f'<?xml version="1.0"?><rss><channel><item><title>{said}</title></item></channel></rss>'.encode(codec, "ignore")
    expected = body.decode(codec)
    assert decode(body, label and f"text/xml; charset={label}").text == expected


@pytest.mark.parametrize("label", ["windows-1251", "iso-8859-1", "koi8-r", "big5", "shift_jis"])
def test_P04_valid_utf8_beats_its_label(label: str) -> None:
    decoded = decode(f'<?xml version="1.0" encoding="{label}"?><t>Дезертир</t>'.encode(), f"text/xml; charset={label}")
    assert "Дезертир" in decoded.text
    assert decoded.flags == ("charset_corrected",)


@pytest.mark.parametrize("through", ["cp1251", "cp1252", "latin-1"])
def test_P05_text_that_was_encoded_twice_is_repaired(through: str) -> None:
    twice = "".join(bytes([byte]).decode(through, "ignore") or chr(byte) for byte in "Рота ушла с позиций".encode())
    decoded = decode(f"<t>{twice}</t>\n<t>Цела</t>".encode())
    assert decoded.text == "<t>Рота ушла с позиций</t>\n<t>Цела</t>"
    assert "mojibake_repaired" in decoded.flags


@pytest.mark.parametrize("text", ["РЕР РУСОФОБ СРСР", "Ã la carte? Non: à la carte", "RÃO", "Ð", "— «Рота»"])
def test_P05_what_was_encoded_once_is_left_alone(text: str) -> None:
    assert decode(text.encode()).text.startswith(text[:3])


def test_P02_charsets_that_are_no_charsets_are_ignored() -> None:
    body = "<t>Рота</t>".encode()
    names = {
        *encodings.aliases.aliases,
        "punycode",
        "undefined",
        "idna",
        "unicode_escape",
        "utf-7",
        "palmos",
        "rot13",
        "zlib",
        "bogus",
        "",
        "x" * 5000,
    }
    assert {name for name in names if "Рота" not in decode(body, f"text/xml; charset={name}").text} == set()
    assert [known(name) for name in ("punycode", "utf-7", "unicode_escape", "rot13", "base64", "mbcs")] == [None] * 6


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("déjà vu à la française, l’élève où ça", "cp1252", "iso-8859-1"),
        ("Über die Größe der Straße", "cp1252", None),
        ("Ελληνικά νέα από την Αθήνα", "iso8859-7", "iso-8859-7"),
        ("żołnierz uciekł z oddziału", "iso8859-2", "iso-8859-2"),
        ("中文新闻，测试", "gb18030", "gb2312"),
        ("한국어 뉴스", "euc-kr", "euc-kr"),
        ("日本語のニュース", "shift-jis", "shift_jis"),
        ("costs 5 € – “more”", "cp1252", None),
    ],
)
def test_other_scripts_are_not_taken_for_cyrillic(text: str, codec: str, label: str | None) -> None:
    assert decode(text.encode(codec), label).text == text


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "utf-8-sig"])
def test_wide_charsets_show_themselves(codec: str) -> None:
    assert decode("<rss>Рота</rss>".encode(codec)).text == "<rss>Рота</rss>"


def test_a_cut_character_at_the_end_does_not_change_the_charset() -> None:
    body = "Рота ушла".encode()
    assert decode(body[:-1]).text == "Рота ушл"


def test_a_stray_byte_does_not_change_the_charset() -> None:
    decoded = decode(b"caf\xe9 " + ("Рота ушла с позиций. " * 3).encode())
    assert decoded.text.startswith("café Рота ушла")
    assert decoded.flags == ("bytes_replaced",)
