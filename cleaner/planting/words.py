"""Words of the languages in which edits and traps are known: what may be changed without changing what is
said, and what turns it into something else.

They were collected apart from the words of the fact guard (`rules/facts/`), so that the guard is not
measured by its own list. A language counts where its `particles` stand in the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

Pairs = tuple[tuple[str, str], ...]
Lookup = Mapping[str, Pairs]  # first word of a phrase -> its other word or "", and what it may become


class Language(Struct, frozen=True):
    """The words of one language.

    particles    can go, or stand before one of `before`, and nothing else is said
    openers      can open a sentence, and nothing else is said
    spellings    two spellings of a word; equivalents: two words of grammar for the same
    offices      words that editors write with a capital or without
    synonyms     two plain words of which an editor may find that they say the same
    units        two ways to write a unit
    month        stands between the day and the month of a date in words
    thousands    the sign that groups digits
    negation     denies the word behind it; `negated` are words that can be denied so
    opposites    two words of which one says the contrary of the other
    place_words  before the name of a place
    """

    name: str
    particles: tuple[str, ...]
    before: tuple[str, ...]
    openers: tuple[str, ...]
    spellings: Pairs
    equivalents: Pairs
    offices: tuple[str, ...]
    synonyms: Pairs
    units: Pairs
    month: str
    thousands: str
    negation: str
    negated: tuple[str, ...]
    negated_behind: bool
    opposites: Pairs
    place_words: tuple[str, ...]


VIETNAMESE = Language(
    name="vi",
    particles=("thì", "rằng", "cũng", "vẫn", "đã", "mà", "đều"),
    before=("được", "bị", "có", "phải", "tiếp", "đang", "cho"),
    openers=(
        "Tuy nhiên,", "Được biết,", "Theo đó,", "Bên cạnh đó,", "Ngoài ra,", "Đáng chú ý,", "Cụ thể,",
        "Qua tìm hiểu,", "Thông tin thêm,", "Như đã đưa tin,",
    ),
    spellings=(
        ("lý", "lí"), ("kỹ", "kĩ"), ("mỹ", "mĩ"), ("quy", "qui"), ("quý", "quí"), ("sĩ", "sỹ"),
        ("kỳ", "kì"), ("kỷ", "kỉ"), ("hy", "hi"), ("tỷ", "tỉ"), ("lý do", "lí do"),
    ),
    equivalents=(
        ("tại", "ở"), ("nhưng", "song"), ("để", "nhằm"), ("vì", "bởi"), ("cho biết", "cho hay"),
        ("hiện nay", "hiện tại"), ("này", "đó"), ("rất", "hết sức"), ("và", "cùng"), ("khoảng", "chừng"),
    ),
    offices=("công", "cảnh", "sở", "tòa", "toà", "viện", "bộ", "cục", "chi", "phòng", "trung", "ban", "hội"),
    synonyms=(
        ("sử dụng", "dùng"), ("xảy ra", "diễn ra"), ("tham gia", "tham dự"), ("nhanh chóng", "mau chóng"),
        ("phát hiện", "tìm thấy"), ("người dân", "bà con"), ("ô tô", "xe hơi"), ("máy bay", "phi cơ"),
        ("thiệt mạng", "tử vong"), ("hỗ trợ", "giúp đỡ"), ("cố gắng", "nỗ lực"), ("khó khăn", "trở ngại"),
        ("điều tra", "xác minh"), ("gia đình", "người nhà"), ("trẻ em", "trẻ nhỏ"), ("cơ quan", "đơn vị"),
        ("sự việc", "vụ việc"), ("thực hiện", "tiến hành"), ("yêu cầu", "đòi hỏi"), ("bắt đầu", "khởi đầu"),
        ("hiện trường", "nơi xảy ra"), ("đối tượng", "nghi phạm"), ("thông tin", "tin tức"),
    ),
    units=(("%", " phần trăm"), ("km/h", "km/giờ"), ("m2", "m²"), ("TP.HCM", "TP. HCM")),
    month="tháng",
    thousands=".",
    negation="không",
    negated=("được", "bị", "phải", "có", "muốn", "cần", "thể", "biết", "cho", "đồng ý"),
    negated_behind=False,
    opposites=(
        ("tăng", "giảm"), ("thắng", "thua"), ("mua", "bán"), ("nhập khẩu", "xuất khẩu"), ("trước", "sau"),
        ("cao nhất", "thấp nhất"), ("lớn nhất", "nhỏ nhất"), ("sơ thẩm", "phúc thẩm"), ("vợ", "chồng"),
        ("đồng ý", "từ chối"), ("phía bắc", "phía nam"), ("phía đông", "phía tây"), ("sáng", "chiều"),
        ("hôm qua", "hôm nay"), ("bố", "mẹ"), ("lãi", "lỗ"), ("bắt đầu", "kết thúc"),
        ("nam", "nữ"),
    ),
    place_words=("tỉnh", "huyện", "quận", "xã", "phường", "thành phố", "TP", "thị trấn", "thị xã"),
)  # fmt: skip

ENGLISH = Language(
    name="en",
    particles=("also", "then", "just", "indeed", "still"),
    before=("said", "was", "were", "has", "had", "is"),
    openers=("However,", "Meanwhile,", "In addition,", "Moreover,", "As reported,", "Notably,"),
    spellings=(
        ("organise", "organize"), ("colour", "color"), ("centre", "center"), ("labour", "labor"),
        ("programme", "program"), ("defence", "defense"), ("organisation", "organization"),
    ),
    equivalents=(
        ("but", "yet"), ("about", "around"), ("while", "whilst"), ("among", "amongst"), ("until", "till"),
        ("although", "though"), ("because", "since"),
    ),
    offices=("police", "government", "ministry", "court", "council", "department", "university"),
    synonyms=(
        ("began", "started"), ("help", "aid"), ("big", "large"), ("bought", "purchased"), ("car", "vehicle"),
        ("children", "kids"), ("house", "home"), ("shop", "store"), ("ill", "sick"), ("hard", "difficult"),
    ),
    units=(("%", " per cent"), ("km/h", "kph"), ("sq m", "m²")),
    month="",
    thousands=",",
    negation="not",
    negated=("is", "was", "are", "were", "will", "has", "had", "can", "could", "would", "should"),
    negated_behind=True,
    opposites=(
        ("rose", "fell"), ("increase", "decrease"), ("before", "after"), ("above", "below"), ("buy", "sell"),
        ("won", "lost"), ("north", "south"), ("east", "west"), ("accepted", "refused"), ("profit", "loss"),
        ("first", "last"), ("more", "less"), ("highest", "lowest"), ("imports", "exports"), ("men", "women"),
        ("morning", "evening"), ("husband", "wife"), ("father", "mother"), ("inside", "outside"),
    ),
    place_words=("in", "near", "at", "from"),
)  # fmt: skip

LANGUAGES = (VIETNAMESE, ENGLISH)


class Phrasing(Struct, frozen=True):
    """What edits ask of several languages together."""

    particles: Sequence[str]
    before: frozenset[str]
    kept: frozenset[str]
    openers: Sequence[str]
    offices: frozenset[str]
    spellings: Lookup
    equivalents: Lookup
    synonyms: Lookup


def phrasing(languages: Sequence[Language]) -> Phrasing:
    """Return the words of some languages together. `kept` are those behind which no particle is put."""
    particles = [word for language in languages for word in language.particles]
    return Phrasing(
        particles,
        frozenset(word for language in languages for word in language.before),
        frozenset([*particles, *(language.negation for language in languages)]),
        [opener for language in languages for opener in language.openers],
        frozenset(word for language in languages for word in language.offices),
        _both_ways(pair for language in languages for pair in language.spellings),
        _both_ways(pair for language in languages for pair in language.equivalents),
        _both_ways(pair for language in languages for pair in language.synonyms),
    )


def _both_ways(pairs: Iterable[tuple[str, str]]) -> Lookup:
    found: dict[str, list[tuple[str, str]]] = {}
    for pair in pairs:
        for one, other in (pair, pair[::-1]):
            first, _, rest = one.partition(" ")
            found.setdefault(first, []).append((rest, other))
    return {first: tuple(sorted(ends, reverse=True)) for first, ends in found.items()}


# Whole lines that are no text, and lines that open like them but are. {name} and {title} are filled in.
BOILERPLATE = (
    "Đọc thêm: {title}", "Xem thêm: {title}", ">> Xem thêm: {title}", "Đọc thêm", "Ảnh: {caps}",
    "(Ảnh: {name})", "Video: {name}", "Ảnh minh họa.", "Đồ họa: {caps}", "Bài và ảnh: {name}", "Clip: {name}",
)  # fmt: skip
LIKE_BOILERPLATE = (
    "Đọc thêm sách báo, {title}.", "Xem thêm phim ở nhà, {title}.", "Ảnh hưởng của mưa lớn, {title}.",
    "Video giám sát cho thấy {title}.", "Nguồn tin của chúng tôi nói {title}.", "Theo quy định, {title}.",
)  # fmt: skip
CREDITS = (" - Ảnh: {caps}", " (Ảnh: {name})", ". Ảnh: {name}", " - Ảnh: {name}.")
