"""Text to train the line reader on: names, addresses, diagnoses, drugs, numbers, words and plain nonsense.

Made of the lists that ship with the program (``resources/lexicons``) and of syllables built by rule, so that
nothing that may not ship has gone through the weights.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from formscan.engines.letters import ALPHABET, known
from formscan.learning.syllables import syllable

LONGEST: Final = 68
_UNITS: Final = (
    "mg",
    "g",
    "ml",
    "µg",
    "viên",
    "ống",
    "gói",
    "lọ",
    "mmHg",
    "°C",
    "lần/phút",
    "kg",
    "cm",
    "mmol/L",
    "g/L",
    "%",
)
_DOSES: Final = ("1", "2", "5", "10", "20", "40", "80", "100", "250", "500", "850", "1000")
_WAYS: Final = (
    "uống",
    "tiêm TM",
    "tiêm bắp",
    "truyền TM",
    "sáng",
    "chiều",
    "tối",
    "sau ăn",
    "x 2 lần/ngày",
    "x 3",
    "trước ăn",
)
_WARD: Final = (
    "bệnh nhân tỉnh tiếp xúc tốt da niêm mạc hồng nhạt phù hai chân nhẹ sốt cao rét run ho khan đờm đục "
    "khó thở gắng sức đau ngực trái lan vai nhịp tim đều rõ tiếng thổi phổi thông khí giảm ran ẩm rít "
    "bụng mềm chướng gan to dưới bờ sườn lách không sờ chạm phản ứng thành thần kinh khu trú yếu liệt nửa "
    "người nói khó ăn kém ngủ được đại tiện tiểu buốt rắt hồng cầu bạch cầu tiểu cầu huyết sắc tố siêu âm "
    "điện tim chụp x-quang nội soi dạ dày chẩn đoán điều trị kháng sinh truyền dịch giảm đau hạ sốt theo "
    "dõi mạch nhiệt độ huyết áp cân nặng vào viện ra viện chuyển khoa tái khám sau ngày tháng tiền sử dị "
    "ứng thuốc rượu bia thuốc lá gia đình khỏe mạnh đái tháo đường tăng huyết áp hen phế quản viêm loét "
    "suy thận mạn tai biến"
)
"""Words of doctors' notes."""
_COMMON: Final = (
    *("Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan"),
    *("Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"),
)
"""Family names most people have."""
_STREET: Final = (
    "Số",
    "Ngõ",
    "Ngách",
    "Tổ",
    "Thôn",
    "Xóm",
    "Ấp",
    "Khu",
    "Đội",
    "Khối",
    "Tdp",
    "Đường",
    "Hẻm",
    "Bản",
)
_SHORT: Final = {
    "Phường": ("P.", "P", "Ph."),
    "Xã": ("X.", "xã"),
    "Thị trấn": ("TT", "TT."),
    "Quận": ("Q.", "Q"),
    "Huyện": ("H.", "huyện"),
    "Thị xã": ("TX", "TX."),
    "Thành phố": ("TP", "TP.", "Tp", "T.P"),
    "Tỉnh": ("T.", "tỉnh", ""),
}


class TextSource:
    """Lines of text without end.

    Args:
        lexicons: Folder with the lexicons.
        seed: Same seed, same lines.

    Raises:
        OSError: If a lexicon is missing.
    """

    def __init__(self, lexicons: Path, seed: int | list[int]) -> None:
        self._rng = np.random.default_rng(seed)
        self._ward = _WARD.split()
        self._family, self._middle, self._given, self._drugs, self._jobs, self._peoples = (
            [row[-1] for row in _rows(lexicons / f"{name}.tsv")]
            for name in ("family_names", "middle_names", "given_names", "drugs", "occupation", "ethnic")
        )
        self._places = _places(lexicons)
        diagnoses = _rows(lexicons / "icd10.tsv.gz")
        self._titles, self._codes = [row[-1] for row in diagnoses], [row[0] for row in diagnoses]
        counted = _rows(lexicons / "words.tsv.gz")
        self._words = [row[0] for row in counted]
        counts = np.array([float(row[1]) ** 0.5 for row in counted])
        self._word_shares = counts / counts.sum()
        kinds: list[tuple[float, Callable[[], str]]] = [
            (13, self.name),
            (19, self.address),
            (17, self.title),
            (2, self._standing),
            (6, self._drug),
            (10, self._some_words),
            (12, self._some_syllables),
            (6, self._nonsense),
            (20, self.number),
            (9, self.note),
            (2, self._mixed),
        ]
        weights = np.array([weight for weight, _ in kinds])
        self._kinds, self._shares = [kind for _, kind in kinds], weights / weights.sum()

    def line(self) -> str:
        """One line, 1 to ``LONGEST`` characters of ``ALPHABET``."""
        while True:
            text = known(self._cased(self._kinds[int(self._rng.choice(len(self._kinds), p=self._shares))]()))
            text = self._cut(text)
            if text:
                return text

    def name(self) -> str:
        """A person."""
        family = str(self._rng.choice(_COMMON if self._chance(0.6) else self._family))
        middle = [
            str(self._rng.choice(self._middle))
            for _ in range(int(self._rng.choice([0, 1, 2], p=[0.08, 0.77, 0.15])))
        ]
        name = " ".join([family, *middle, str(self._rng.choice(self._given))])
        return name.upper() if self._chance(0.5) else name

    def address(self) -> str:
        """Some levels of an address, written out or short, with or without commas."""
        province, district, ward = self._places[int(self._rng.integers(len(self._places)))]
        levels = [ward, district, province]
        if self._chance(0.5):
            levels.insert(0, self._house())
        first = int(self._rng.choice([0, 0, 0, 1, 2]))
        levels = [self._shortened(level) for level in levels[first : first + int(self._rng.integers(1, 5))]]
        return str(self._rng.choice([", ", ", ", " ", " - ", ","])).join(level for level in levels if level)

    def number(self) -> str:
        """Dates, times, measures, identifiers, codes, telephone numbers."""
        r = self._rng
        day, month, year = int(r.integers(1, 32)), int(r.integers(1, 13)), int(r.integers(1925, 2027))
        sign = str(r.choice(["/", "/", "/", "-", "."]))
        made = (
            lambda: f"{day:02d}{sign}{month:02d}{sign}{year}",
            lambda: f"{day}{sign}{month}{sign}{year % 100:02d}",
            lambda: f"{int(r.integers(24))} giờ {int(r.integers(60)):02d} ngày {day:02d}/{month:02d}/{year}",
            lambda: f"{int(r.integers(24)):02d}:{int(r.integers(60)):02d}",
            lambda: f"{int(r.integers(80, 200))}/{int(r.integers(40, 110))}" + str(r.choice(["", " mmHg"])),
            lambda: f"{int(r.integers(34, 42))},{int(r.integers(10))}" + str(r.choice(["", "°C", " độ"])),
            lambda: f"{int(r.integers(1, 500))} {r.choice(_UNITS)}",
            lambda: (
                f"{r.random() * 200:.{int(r.integers(1, 3))}f}".replace(".", ",")
                + " "
                + str(r.choice(_UNITS))
            ),
            lambda: "0" + "".join(str(d) for d in r.integers(0, 10, 9)),
            lambda: "".join(str(d) for d in r.integers(0, 10, int(r.choice([2, 3, 4, 5, 6, 8, 10, 12])))),
            lambda: (
                "".join(r.choice(list("ABCDGHKNSTX"), 2)) + "".join(str(d) for d in r.integers(0, 10, 13))
            ),
            lambda: str(r.choice(self._codes)),
            lambda: f"{int(r.integers(1, 99999))}/{year % 100:02d}",
        )
        return made[int(r.integers(len(made)))]()

    def title(self) -> str:
        """Some words of a diagnosis."""
        return self._span(self._titles[int(self._rng.integers(len(self._titles)))])

    def _standing(self) -> str:
        return self._span(str(self._rng.choice(self._jobs if self._chance(0.5) else self._peoples)))

    def _drug(self) -> str:
        drug = self._drugs[int(self._rng.integers(len(self._drugs)))]
        dose = f"{self._rng.choice(_DOSES)}{self._rng.choice(_UNITS[:6])}"
        return " ".join([drug, dose, str(self._rng.choice(_WAYS))][: int(self._rng.integers(1, 4))])

    def _some_words(self) -> str:
        count = int(self._rng.integers(1, 7))
        shares = self._word_shares if self._chance(0.5) else None
        return " ".join(str(word) for word in self._rng.choice(self._words, count, p=shares))

    def _some_syllables(self) -> str:
        return " ".join(syllable(self._rng) for _ in range(int(self._rng.integers(1, 9))))

    def _nonsense(self) -> str:
        count = int(self._rng.integers(1, 5))
        letters = list(ALPHABET[1:])
        return " ".join(
            "".join(self._rng.choice(letters, int(self._rng.integers(1, 8)))) for _ in range(count)
        )

    def note(self) -> str:
        """Words of the ward in short phrases."""
        parts = [
            " ".join(self._rng.choice(self._ward, int(self._rng.integers(2, 6))))
            for _ in range(int(self._rng.integers(1, 4)))
        ]
        return str(self._rng.choice([", ", ". ", " - ", "; "])).join(
            part.capitalize() if self._chance(0.4) else part for part in parts
        )

    def _mixed(self) -> str:
        return f"{self.note()} {self.number()}"

    def _house(self) -> str:
        number = int(self._rng.integers(1, 400))
        told = f"{self._rng.choice(_STREET)} {number}"
        street = " ".join(str(name) for name in self._rng.choice(self._given, 2))
        return f"{told} {street}" if self._chance(0.3) else told

    def _shortened(self, level: str) -> str:
        for long, shorts in _SHORT.items():
            if level.startswith(long + " "):
                rest = level[len(long) + 1 :]
                draw = self._rng.random()
                if draw < 0.4:
                    return level
                return rest if draw < 0.6 else f"{self._rng.choice(shorts)} {rest}".strip()
        return level

    def _span(self, text: str) -> str:
        words = text.split()
        count = min(len(words), int(self._rng.integers(1, 11)))
        first = 0 if self._chance(0.6) else int(self._rng.integers(0, len(words) - count + 1))
        return " ".join(words[first : first + count])

    def _cased(self, text: str) -> str:
        draw = self._rng.random()
        if draw < 0.11:
            return text.upper()
        if draw < 0.15:
            return text.lower()
        return text.title() if draw < 0.19 else text

    def _cut(self, text: str) -> str:
        """The first words of a line that is too long."""
        longest = LONGEST if self._chance(0.35) else 42
        while len(text) > longest and " " in text:
            text = text.rsplit(" ", 1)[0]
        return text[:longest].strip()

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)


@lru_cache(maxsize=16)
def _rows(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    rows = [[re.sub(r"\s+", " ", part).strip() for part in line.split("\t")] for line in text.splitlines()]
    return [row for row in rows if row and known(row[-1])]


@lru_cache(maxsize=2)
def _places(lexicons: Path) -> list[tuple[str, str, str]]:
    """(province, district, ward) of both editions; the later one has no districts."""
    rows = [row for year in ("2024", "2025") for row in _rows(lexicons / f"places_{year}.tsv.gz")]
    return [(row[2], row[1], row[0]) for row in rows if len(row) > 2]
