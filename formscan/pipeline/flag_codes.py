"""Every flag the checks can raise: how grave it is, what it says and what to do, in both languages.

The window shows ``sentence``; ``{name}`` stands for a fact of the flag. Facts carry field ids, limits and
numbers that are computed, so that they may be shown beside the picture of the field, never logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from formscan.model.reading import Flag, Severity

HARD: Final = Severity.HARD
SOFT: Final = Severity.SOFT
INFO: Final = Severity.INFO


@dataclass(frozen=True, slots=True)
class FlagText:
    """What a flag means to a person.

    Attributes:
        vi: Vietnamese sentence.
        en: English sentence.
        do_vi: What to do, Vietnamese.
        do_en: What to do, English.
    """

    code: str
    severity: Severity
    vi: str
    en: str
    do_vi: str
    do_en: str

    def sentence(self, flag: Flag, language: str = "vi") -> str:
        """The sentence with the flag's facts filled in; facts that are missing stay as ``{name}``."""
        text = self.vi if language == "vi" else self.en
        for name, value in flag.facts:
            text = text.replace("{" + name + "}", value)
        return text


_LOOK = ("Đối chiếu với ảnh.", "Compare with the picture.")
_TYPE = ("Gõ lại đúng như trên giấy.", "Type it again exactly as on the paper.")
_REASON = (
    "Nếu giấy ghi đúng như vậy thì giữ nguyên và ghi lý do.",
    "If the paper says so, keep it and give the reason.",
)
_NONE = ("Không cần làm gì.", "Nothing to do.")
_BOTH = (
    "Xem lại cả hai ô; nếu giấy ghi đúng như vậy thì giữ nguyên và ghi lý do.",
    "Look at both fields; if the paper says so, keep it and give the reason.",
)

_TEXTS: Final = (
    # how it was read
    FlagText("readers.none", SOFT, "Không có bộ đọc nào cho ô này.", "No reader read this field.", *_TYPE),
    FlagText(
        "readers.disagree", SOFT, "Các bộ đọc cho kết quả khác nhau.", "The readers do not agree.", *_LOOK
    ),
    FlagText(
        "readers.unsure",
        INFO,
        "Có chữ nhưng máy không chắc là gì.",
        "There is writing that no reader stands behind.",
        *_TYPE,
    ),
    FlagText(
        "registration.doubtful",
        SOFT,
        "Vị trí của ô trên trang chưa được chứng minh (sai lệch {residual_mm} mm).",
        "The place of this field on the page is not proven (off by {residual_mm} mm).",
        "Kiểm tra ảnh có đúng là ô này không.",
        "Check that the picture shows this field.",
    ),
    FlagText(
        "field.required_blank",
        SOFT,
        "Mục bắt buộc nhưng để trống.",
        "Must be filled on this form, but is blank.",
        "Xác nhận là trống, hoặc gõ giá trị nếu có trên giấy.",
        "Confirm that it is blank, or type what the paper says.",
    ),
    FlagText(
        "comb.gap",
        HARD,
        "Có ô trống giữa các ô đã viết ({cells}); một ký tự có thể bị mất.",
        "A cell among written ones is empty ({cells}); a character may be lost.",
        *_TYPE,
    ),
    FlagText(
        "comb.trailing_blank",
        SOFT,
        "Ô cuối để trống; có thể mất một chữ số.",
        "The last cell is empty; a digit may be lost.",
        *_LOOK,
    ),
    FlagText(
        "comb.doubtful_cell", SOFT, "Ký tự ở ô {cells} không chắc.", "Cell {cells} is doubtful.", *_LOOK
    ),
    FlagText(
        "comb.struck_cell", SOFT, "Ký tự ở ô {cells} bị gạch bỏ.", "Cell {cells} was struck out.", *_LOOK
    ),
    FlagText(
        "mark.taken_back",
        SOFT,
        "Có ô đã đánh dấu rồi bị gạch bỏ.",
        "A box was marked and then struck out.",
        *_LOOK,
    ),
    FlagText(
        "mark.contradicts",
        SOFT,
        "Câu chỉ chọn một nhưng có nhiều ô được đánh dấu.",
        "Several boxes are marked where one answer is asked for.",
        *_LOOK,
    ),
    # dates and times
    FlagText("date.impossible", HARD, "Không có ngày này trong lịch.", "There is no such date.", *_REASON),
    FlagText("date.format", HARD, "Không hiểu được là ngày nào.", "Not understood as a date.", *_TYPE),
    FlagText("date.year_implausible", HARD, "Năm không hợp lý.", "The year is not plausible.", *_TYPE),
    FlagText(
        "date.two_digit_year",
        SOFT,
        "Năm chỉ có hai chữ số.",
        "The year has two digits only.",
        "Nếu biết chắc thế kỷ, gõ đủ bốn chữ số.",
        "Type four digits if the century is certain.",
    ),
    FlagText(
        "date.partial", INFO, "Ngày không đầy đủ, giữ nguyên như vậy.", "Partial date, kept partial.", *_NONE
    ),
    FlagText(
        "date.part_missing",
        SOFT,
        "Thiếu một phần của ngày giờ.",
        "A part of the date or time is missing.",
        *_LOOK,
    ),
    FlagText(
        "date.as_above",
        INFO,
        "Chỉ ghi giờ; ngày theo dòng trên, không tự điền.",
        "Only the hour is written; the date is that of a row above and is not filled in.",
        *_NONE,
    ),
    FlagText("time.impossible", HARD, "Không có giờ này.", "There is no such time.", *_REASON),
    FlagText("time.format", HARD, "Không hiểu được là mấy giờ.", "Not understood as a time.", *_TYPE),
    # numbers
    FlagText("number.format", SOFT, "Không hiểu được là số.", "Not understood as a number.", *_TYPE),
    FlagText(
        "number.ambiguous_point",
        SOFT,
        "Dấu chấm có thể là hàng nghìn hoặc thập phân.",
        "The point may mean thousands or decimals.",
        "Gõ lại, dùng dấu phẩy cho thập phân.",
        "Type it again, with a comma for decimals.",
    ),
    FlagText(
        "unit.differs",
        SOFT,
        "Đơn vị viết khác đơn vị in ({unit}).",
        "The written unit is not the printed one ({unit}).",
        *_REASON,
    ),
    FlagText(
        "blood_pressure.format",
        SOFT,
        "Không hiểu được là huyết áp.",
        "Not understood as a blood pressure.",
        *_TYPE,
    ),
    FlagText(
        "blood_pressure.part_missing",
        SOFT,
        "Thiếu số tâm thu hoặc tâm trương.",
        "Systolic or diastolic is missing.",
        *_LOOK,
    ),
    # identity
    FlagText("name.digits", SOFT, "Tên có chữ số.", "A name with digits.", *_LOOK),
    FlagText("name.characters", SOFT, "Tên có ký tự lạ.", "A name with unusual characters.", *_LOOK),
    FlagText(
        "name.family_doubtful",
        SOFT,
        "Họ không có trong danh sách; có thể sai dấu.",
        "No known family name; a diacritic may be wrong.",
        *_REASON,
    ),
    FlagText(
        "name.not_capitals",
        INFO,
        "Mẫu yêu cầu chữ in hoa.",
        "The form asks for capitals.",
        *_NONE,
    ),
    FlagText(
        "citizen_id.length",
        HARD,
        "Số căn cước cần 12 chữ số (CMND 9), có {found}.",
        "A personal number has 12 digits (the old card 9); {found} found.",
        *_TYPE,
    ),
    FlagText(
        "citizen_id.format",
        SOFT,
        "Không phải số căn cước, CMND hay hộ chiếu.",
        "No personal number, old card or passport number.",
        *_LOOK,
    ),
    FlagText(
        "citizen_id.province",
        SOFT,
        "Ba số đầu không phải mã tỉnh.",
        "The first three digits are no province.",
        *_LOOK,
    ),
    FlagText("citizen_id.old_number", INFO, "Số CMND cũ (9 số).", "Old card number (9 digits).", *_NONE),
    FlagText("citizen_id.passport", INFO, "Số hộ chiếu.", "Passport number.", *_NONE),
    FlagText(
        "citizen_id.sex_mismatch",
        SOFT,
        "Số căn cước không khớp giới tính.",
        "The personal number does not fit the sex.",
        *_BOTH,
    ),
    FlagText(
        "citizen_id.birth_mismatch",
        SOFT,
        "Số căn cước không khớp năm sinh.",
        "The personal number does not fit the year of birth.",
        *_BOTH,
    ),
    FlagText(
        "insurance.length",
        HARD,
        "Số thẻ BHYT cần 15 ký tự (hoặc mã 10 số), có {found}.",
        "An insurance number has 15 characters (or 10 digits); {found} found.",
        *_TYPE,
    ),
    FlagText("insurance.format", SOFT, "Không đúng dạng số thẻ BHYT.", "Not an insurance number.", *_LOOK),
    FlagText(
        "insurance.kind_unknown",
        SOFT,
        "Mã đối tượng không có trong danh sách.",
        "The kind of insured person is not in the list.",
        *_LOOK,
    ),
    FlagText(
        "insurance.benefit", SOFT, "Mã mức hưởng phải từ 1 đến 5.", "The benefit digit is 1 to 5.", *_LOOK
    ),
    FlagText(
        "insurance.province",
        SOFT,
        "Mã tỉnh trên thẻ không có.",
        "There is no such province on insurance cards.",
        *_LOOK,
    ),
    FlagText("phone.format", SOFT, "Không đúng dạng số điện thoại.", "Not a phone number.", *_LOOK),
    FlagText(
        "phone.legacy",
        INFO,
        "Số di động 11 số trước 2018.",
        "Eleven-digit mobile number of before 2018.",
        *_NONE,
    ),
    # codes
    FlagText("icd.format", HARD, "Không đúng dạng mã ICD-10.", "Not shaped like an ICD-10 code.", *_TYPE),
    FlagText(
        "icd.unknown",
        SOFT,
        "Mã {code} không có trong danh mục ICD-10.",
        "{code} is not in the list of ICD-10.",
        *_REASON,
    ),
    FlagText(
        "icd.text_differs",
        INFO,
        "Chẩn đoán viết không giống tên của mã {code}.",
        "The written diagnosis shares no word with the title of {code}.",
        *_LOOK,
    ),
    FlagText(
        "catalogue.unknown",
        SOFT,
        "Không có trong danh mục.",
        "Not in the list.",
        *_REASON,
    ),
    FlagText(
        "province.two_editions",
        INFO,
        "Mã tỉnh có nghĩa khác nhau trước và sau 01/07/2025.",
        "The code means different provinces before and after 1 July 2025.",
        *_NONE,
    ),
    FlagText("choice.unknown", HARD, "Không có lựa chọn này.", "There is no such choice.", *_TYPE),
    FlagText(
        "choice.several",
        HARD,
        "Đánh dấu nhiều ô trong khi chỉ được chọn một.",
        "Several boxes are marked where one is allowed.",
        *_REASON,
    ),
    FlagText("boolean.format", SOFT, "Không hiểu là có hay không.", "Not understood as yes.", *_TYPE),
    FlagText(
        "boolean.no_from_mark",
        SOFT,
        "Ô không đánh dấu là để trống, không phải là «không».",
        "A box without a mark is blank, not «no».",
        "Chọn trạng thái trống.",
        "State it as blank.",
    ),
    # between fields
    FlagText(
        "age.birth_date_mismatch",
        SOFT,
        "Tuổi không khớp ngày sinh (tính được {expected}).",
        "The age does not fit the date of birth (computed: {expected}).",
        *_BOTH,
    ),
    FlagText(
        "birth.after_admission",
        HARD,
        "Ngày sinh sau ngày vào viện.",
        "Born after the admission.",
        *_BOTH,
    ),
    FlagText(
        "stay.order",
        HARD,
        "Thời điểm này trước thời điểm ở mục {other}.",
        "This moment is before that of {other}.",
        *_BOTH,
    ),
    FlagText(
        "stay.same_time",
        SOFT,
        "Trùng thời điểm với mục {other}.",
        "The same moment as {other}.",
        *_BOTH,
    ),
    FlagText(
        "stay.total_days_mismatch",
        SOFT,
        "Tổng số ngày không khớp ngày vào và ra (tính được {expected}).",
        "The number of days does not fit admission and discharge (computed: {expected}).",
        *_BOTH,
    ),
    FlagText(
        "death.without_outcome",
        SOFT,
        "Có thông tin tử vong nhưng kết quả điều trị không phải tử vong.",
        "Facts of a death, but the outcome is not death.",
        *_BOTH,
    ),
    FlagText(
        "death.details_missing",
        INFO,
        "Kết quả là tử vong nhưng mục này để trống.",
        "The outcome is death, but this is blank.",
        *_LOOK,
    ),
    FlagText(
        "insurance.expired",
        SOFT,
        "Thẻ BHYT hết hạn trước ngày vào viện.",
        "The insurance ended before the admission.",
        *_BOTH,
    ),
    FlagText(
        "blood_pressure.order",
        SOFT,
        "Tâm thu không lớn hơn tâm trương.",
        "Systolic is not above diastolic.",
        *_LOOK,
    ),
    FlagText(
        "sex.form_mismatch",
        SOFT,
        "Mẫu này dành cho người bệnh nữ.",
        "This form is for women.",
        *_BOTH,
    ),
    FlagText(
        "vital.implausible",
        SOFT,
        "Ngoài khoảng {low} đến {high} {unit}.",
        "Outside {low} to {high} {unit}.",
        *_REASON,
    ),
)

FLAG_TEXTS: Final[Mapping[str, FlagText]] = MappingProxyType({text.code: text for text in _TEXTS})
"""All flags by code."""


def flag(code: str, /, **facts: object) -> Flag:
    """A flag with the severity of the table.

    Raises:
        KeyError: If the table has no such code.
    """
    pairs = tuple((name, str(value)) for name, value in facts.items())
    return Flag(code, FLAG_TEXTS[code].severity, pairs)
