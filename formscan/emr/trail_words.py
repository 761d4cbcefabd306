"""What the actions of the trail are called, in Vietnamese and English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "draft": ("Bản nháp", "Draft"),
    "draft.stored": ("Bản nháp được lưu", "Draft stored"),
    "draft.opened": ("Mở bản nháp", "Draft opened"),
    "draft.discarded": ("Bỏ bản nháp", "Draft discarded"),
    "field": ("Mục", "Field"),
    "field.confirmed": ("Xác nhận mục", "Field confirmed"),
    "field.corrected": ("Sửa mục", "Field corrected"),
    "field.stated": ("Ghi trạng thái mục", "State of a field given"),
    "field.withdrawn": ("Rút lại quyết định", "Decision withdrawn"),
    "field.keyed_blind": ("Nhập lần hai không nhìn kết quả", "Keyed blind"),
    "field.ruled": ("Phân xử mục", "Field ruled on"),
    "field.dispute_seen": ("Xem mục bất đồng", "Disputed field seen"),
    "entry": ("Hồ sơ", "Entry"),
    "entry.released": ("Phát hành hồ sơ", "Entry released"),
    "entry.corrected": ("Phiên bản mới của hồ sơ", "New version of an entry"),
    "entry.read": ("Đọc hồ sơ", "Entry read"),
    "entry.exported": ("Xuất hồ sơ", "Entry given out"),
    "entry.linked": ("Gắn hồ sơ với người bệnh", "Entry linked to a patient"),
    "entry.unlinked": ("Gỡ hồ sơ khỏi người bệnh", "Entry unlinked from a patient"),
    "correction": ("Soát sửa đổi", "Look at a correction"),
    "correction.approved": ("Duyệt sửa đổi", "Correction approved"),
    "correction.returned": ("Trả lại sửa đổi", "Correction returned"),
    "correction.answered": ("Trả lời sửa đổi bị trả lại", "Returned correction answered"),
    "sample": ("Mẫu kiểm tra", "Sample"),
    "sample.drawn": ("Rút mẫu kiểm tra", "Sample drawn"),
    "sample.judged": ("Kiểm một mục của mẫu", "Field of a sample judged"),
    "sample.closed": ("Kết luận mẫu kiểm tra", "Sample closed"),
    "plant": ("Mục thử", "Planted value"),
    "plant.policy": ("Đổi tỷ lệ mục thử", "Rate of planted values changed"),
    "plant.set": ("Đặt mục thử", "Values planted"),
    "plant.answered": ("Trả lời mục thử", "Planted value answered"),
    "plant.withdrawn": ("Rút lại câu trả lời mục thử", "Answer to a planted value withdrawn"),
    "plant.told": ("Báo kết quả mục thử", "Planted value told"),
    "person": ("Người dùng", "Person"),
    "person.added": ("Thêm người dùng", "Person added"),
    "person.changed": ("Đổi tên hoặc vai trò", "Name or roles changed"),
    "person.account_made": ("Lập tài khoản", "Account made"),
    "person.account_opened": ("Mở tài khoản", "Account opened"),
    "person.account_locked": ("Khóa tài khoản", "Account locked"),
    "person.password_set": ("Đặt mật khẩu", "Password set"),
    "person.second_factor_on": ("Bật mã một lần", "Second factor on"),
    "person.second_factor_off": ("Tắt mã một lần", "Second factor off"),
    "person.recovery_code_used": ("Dùng mã dự phòng", "Recovery code used"),
    "person.signed_in": ("Đăng nhập", "Signed in"),
    "person.signed_out": ("Đăng xuất", "Signed out"),
    "person.locked": ("Khóa cửa sổ", "Window locked"),
    "person.unlocked": ("Mở khóa cửa sổ", "Window unlocked"),
    "person.sign_in_failed": ("Đăng nhập không thành", "Sign-in failed"),
    "access": ("Truy cập", "Access"),
    "access.refused": ("Bị từ chối quyền", "Refused"),
    "access.own_work": ("Bị từ chối: việc của chính mình", "Refused: own work"),
    "lease": ("Giữ bản nháp", "Lease"),
    "lease.taken_over": ("Nhận lại bản nháp của người khác", "Lease taken over"),
    "run": ("Đợt số hóa", "Run"),
    "run.started": ("Bắt đầu đợt số hóa", "Run started"),
    "run.finished": ("Kết thúc đợt số hóa", "Run finished"),
    "patient": ("Người bệnh", "Patient"),
    "patient.added": ("Thêm người bệnh", "Patient added"),
    "patient.changed": ("Sửa người bệnh", "Patient changed"),
    "patient.read": ("Đọc người bệnh", "Patient read"),
    "patient.listed": ("Liệt kê người bệnh", "Patients listed"),
    "patient.searched": ("Tìm người bệnh", "Patients searched"),
    "question": ("Câu hỏi", "Question"),
    "question.asked": ("Hỏi người giám sát", "Question asked"),
    "document": ("Giấy tờ", "Document"),
    "record": ("Hồ sơ", "Record"),
    "document.regrouped": ("Chia lại giấy tờ", "Documents parted or joined"),
    "record.regrouped": ("Chia lại hồ sơ", "Records parted or joined"),
    "page.filed": ("Lưu trang không rõ mẫu", "Page of no known form filed"),
    "question.answered": ("Trả lời câu hỏi", "Question answered"),
    "page": ("Trang", "Page"),
    "page.amended": ("Sửa cách đọc trang", "Page amended"),
    "page.marked": ("Đánh dấu trang", "Page marked"),
    "pages": ("Các trang", "Pages"),
    "pages.requeued": ("Đưa trang đọc lại", "Pages put back to work"),
    "gate": ("Cổng tự động", "Gate"),
    "delivery": ("Gửi đi", "Delivery"),
    "trail": ("Nhật ký", "Trail"),
    "trail.given_out": ("Xuất nhật ký", "Trail given out"),
}
"""By action, and by family (what stands before the dot)."""


def words_of(action: str, language: str) -> str:
    """The name of an action; the action itself where it has none."""
    found = WORDS.get(action)
    return action if found is None else found[0 if language == "vi" else 1]


def families() -> tuple[str, ...]:
    """Families of actions, to choose from."""
    return tuple(name for name in WORDS if "." not in name)
