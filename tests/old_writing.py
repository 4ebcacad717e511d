"""Vietnamese sentences, and what writes them in the code pages from before Unicode.

Written apart from the package, of which only the tables are used (`test_tables.py` holds these against
iconv and Python), so that a fault of its codecs cannot hide here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from unicodedata import normalize

import cleaner

TABLES = Path(cleaner.__file__).parent / "vietnamese" / "data"
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
FORMS = ("windows-1252", "latin-1", "bytes")
UNDEFINED = frozenset(b"\x81\x8d\x8f\x90\x9d")  # in Windows-1252
FROM_C1 = {byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in UNDEFINED}
ASCII = {chr(code): bytes([code]) for code in (0x09, 0x0A, *range(0x20, 0x7F))}

SENTENCES = [
    "Người dân ở bản vùng cao đã có điện và nước sạch từ đầu năm nay.",
    "Thủ tướng yêu cầu các bộ rà soát lại toàn bộ thủ tục hành chính trước quý ba.",
    "Cơn bão số 5 giật cấp 12 đang hướng thẳng vào bờ biển các tỉnh miền Trung.",
    "Bà ngoại kể rằng ngày xưa cả làng chỉ có một cái giếng, ai cũng ra đó gánh nước.",
    "Giá xăng giảm thêm 320 đồng mỗi lít, còn 21.450 đồng, kể từ 15 giờ chiều nay.",
    "Em bé ngủ say trong chiếc nôi tre, tay vẫn ôm con gấu bông cũ kỹ.",
    "Điều 12. Người sử dụng lao động phải trả lương đúng hạn cho người lao động.",
    "Mưa rơi suốt đêm, sáng ra lá vàng rụng kín cả con đường nhỏ trước cổng trường.",
    "Đội tuyển nữ thắng 2-1 nhờ bàn gỡ hòa ở phút 87 và quả phạt đền cuối trận.",
    "Trộn bột với trứng, thêm một thìa đường, ủ ba mươi phút rồi đem rán vàng hai mặt.",
    "Anh hỏi đi đâu mà vội thế, chị chỉ cười rồi bước nhanh xuống bến đò.",
    "Nghiên cứu cho thấy giấc ngủ ngắn buổi trưa giúp trí nhớ tốt hơn hẳn.",
    "Hội nghị kéo dài ba ngày, quy tụ hơn hai trăm nhà khoa học từ mười bốn nước.",
    "Ông Nguyễn Văn Hùng, chủ tịch xã Mỹ Thạnh, cho biết đê đã được gia cố xong.",
    "Quyển sách ấy tôi đọc đi đọc lại đến thuộc lòng từng trang, từng dòng.",
    "Chúng tôi khẩn thiết đề nghị cơ quan chức năng sớm vào cuộc xử lý dứt điểm.",
    "Xe khách lao xuống vực sâu, ít nhất bảy người bị thương nặng được đưa đi cấp cứu.",
    "Bộ Giáo dục và Đào tạo công bố đề thi minh họa kỳ thi tốt nghiệp trung học phổ thông.",
    "Thuở ấy trăng sáng lắm, lũ trẻ chúng tôi thường rủ nhau chơi trốn tìm ngoài sân đình.",
    "Kẻ gian đột nhập lúc nửa đêm, lấy đi hai chiếc xe máy và một số nữ trang.",
    "Khuya rồi mà tiếng võng vẫn kẽo kẹt, tiếng ru ầu ơ vọng ra từ căn nhà cuối xóm.",
    "Huyện miền núi này còn thiếu gần một trăm giáo viên mầm non và tiểu học.",
    "Nếu không chữa kịp thời, bệnh có thể gây biến chứng nguy hiểm đến tính mạng.",
    "Cửa hàng mở từ bảy giờ sáng đến mười giờ đêm, kể cả thứ bảy và chủ nhật.",
    "Hãy để lại lời nhắn sau tiếng bíp, chúng tôi sẽ gọi lại ngay khi có thể.",
    "Tác phẩm được dịch ra mười hai thứ tiếng, riêng bản tiếng Pháp in đến lần thứ tám.",
    "Vì sao nước biển mặn? Ấy là câu hỏi mà đứa trẻ nào cũng từng hỏi mẹ.",
    "Lúa chín rộ, cả cánh đồng thơm nức mùi rơm mới; thợ gặt nói cười rôm rả.",
    "Quỹ đầu tư mạo hiểm rót thêm ba triệu đô la vào công ty khởi nghiệp trẻ tuổi.",
    "Đường lên bản vừa xa vừa dốc, mùa mưa xuống thì trơn trượt, ngựa cũng phải chịu.",
    "Phương tiện giao thông cá nhân bị hạn chế ở khu phố cổ vào các buổi tối cuối tuần.",
    "Tòa tuyên phạt bị cáo tám năm tù về tội lừa đảo chiếm đoạt tài sản.",
    "Thuốc này uống sau bữa ăn, mỗi ngày hai lần, mỗi lần một viên, tuyệt đối không nhai.",
    "Chợ nổi họp từ tờ mờ sáng, ghe thuyền chở đầy dưa hấu, khóm, bưởi và mía.",
    "Sinh viên năm cuối tất bật làm luận văn, chuẩn bị cho buổi bảo vệ vào tháng sáu.",
    "Nhạc sĩ qua đời ở tuổi tám mươi hai, để lại hơn sáu trăm ca khúc trữ tình.",
    "Máy bay hạ cánh khẩn cấp xuống đảo vì trục trặc kỹ thuật ở động cơ bên phải.",
    "Cháu ngoan, chịu khó học hành, mai sau lớn khôn còn đỡ đần cha mẹ.",
    "Trước khi về hưu, thầy dạy môn Lịch sử ở trường huyện suốt ba mươi mốt năm ròng.",
    "Ủy ban nhân dân thành phố vừa phê duyệt quy hoạch hai bên bờ sông Hồng.",
    "Đừng khóc nữa, rồi mọi chuyện sẽ ổn thôi, tớ hứa đấy!",
    "Gió mùa đông bắc tràn về, nhiệt độ vùng núi phía bắc xuống dưới năm độ.",
]  # fmt: skip


def shown(data: bytes, form: str) -> str:
    """Return how the bytes of a file are seen: as Windows-1252 or Latin-1, or as stray bytes."""
    if form == "bytes":
        return data.decode("utf-8", "surrogateescape")
    seen = data.decode("latin-1")
    return seen.translate(FROM_C1) if form == "windows-1252" else seen


def written(text: str, page: str, form: str) -> str | None:
    """Return `text` as it is seen that was written in a code page; None where that has not all letters."""
    units = WRITERS[page]()
    if not units.keys() >= set(text):
        return None
    return shown(b"".join([units[character] for character in text]), form)


def letters(page: str) -> dict[str, bytes]:
    """Return the table of a code page: letter -> bytes, or -> ASCII for VIQR."""
    lines = [line.split("\t") for line in (TABLES / f"{page}.tsv").read_text(encoding="utf-8").split("\n")]
    head, *rows = (line for line in lines if line != [""] and not line[0].startswith("#"))
    records = [dict(zip(head, row, strict=True)) for row in rows]
    return {
        row["unicode"]: bytes.fromhex(row["bytes_hex"]) if "bytes_hex" in row else row["viqr"].encode()
        for row in records
        if row.get("kind", "letter") == "letter"
    }


def composite(text: str) -> str:
    """Return letters with their shape, and their tones as marks behind them."""
    return "".join(map(_composite, text))


def _composite(letter: str) -> str:
    parts = normalize("NFD", letter)
    shaped = normalize("NFC", "".join(part for part in parts if part not in TONES))
    return shaped + "".join(part for part in parts if part in TONES)


def _of_windows(table: Mapping[str, bytes]) -> dict[str, bytes]:
    """Add what Windows has in the places that letters leave: quotation marks, dashes, signs."""
    taken = {byte for code in table.values() for byte in code}
    free = (byte for byte in range(0x80, 0xC0) if byte not in taken | UNDEFINED)
    return {bytes([byte]).decode("cp1252"): bytes([byte]) for byte in free} | ASCII | dict(table)


def _windows_1258(*, short: bool) -> dict[str, bytes]:
    """Windows-1258: as keyboards write it, or `short`, as converters do: whole letters where it has them."""
    units = {bytes([byte]).decode("cp1258", "ignore"): bytes([byte]) for byte in range(0x80, 0x100)}
    for letter in letters("viscii"):
        if not short or letter not in units:
            units[letter] = composite(letter).encode("cp1258")
    return {letter: code for letter, code in units.items() if letter and letter not in TONES} | ASCII


WRITERS: dict[str, Callable[[], dict[str, bytes]]] = {
    "tcvn3": cache(lambda: _of_windows(letters("tcvn3"))),
    "vni": cache(lambda: _of_windows(letters("vni"))),
    "viscii": cache(lambda: {**ASCII, **letters("viscii")}),
    "vps": cache(lambda: {**ASCII, **letters("vps")}),
    "cp1258": cache(lambda: _windows_1258(short=False)),
    "cp1258-short": cache(lambda: _windows_1258(short=True)),
}
