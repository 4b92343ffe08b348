"""Single rules of reading that utterances alone would not pin down."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.reading.digits import in_figures, read_receipt
from bot.reading.instants import exact_instant_of, instant_of
from bot.reading.persons import read_name
from bot.reading.phones import read_phone
from bot.reading.places import PlaceReader
from bot.reading.plates import read_plate
from bot.reading.targets import read_target
from bot.reading.times import names_no_day, read_time
from core.clock import CHINA
from core.settings import ROOT
from tests.bot.reading.slot_scores import NOW

PLACES = PlaceReader.load(ROOT / "cities" / "yunzhou")
AT = NOW.replace(tzinfo=CHINA)


def normal(text: str, *, asked: bool = False) -> str | None:
    place = PLACES.read(text, asked=asked)
    return place.normal if place and place.precise else None


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("人名路八十八号", "人民路88号"),
        ("紫金花园3栋", "紫荆花园3栋"),
        ("锦秀华听五号楼", "锦绣华庭5号楼"),
        ("人民路88号", "人民路88号"),
    ],
)
def test_a_place_that_only_sounds_like_one_is_the_one_the_city_has(said: str, place: str) -> None:
    assert normal(said) == place


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("我的位置：北纬30.65731°，东经104.06512°（误差约18米）", "北纬30.65731°，东经104.06512°（误差约18米）"),
        (
            "幸福小区东门\n我的位置：北纬30.65731°，东经104.06512°（误差约18米）",
            "幸福小区东门，北纬30.65731°，东经104.06512°（误差约18米）",
        ),
        ("我的位置：北纬98.65731°，东经204.06512°", None),
    ],
)
def test_a_position_a_device_told_is_a_place_alone_or_beside_its_name(said: str, place: str | None) -> None:
    assert normal(said) == place


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("幸福小区3栋2单元402室", "幸福小区3栋2单元402室"),
        ("春天花园2栋1503天天半夜搓麻将", "春天花园2栋1503"),
        ("政务大厅3号窗口", "政务大厅"),
        ("南京路12弄5号", "南京路12弄5号"),
        ("小区门口路上有个大坑", None),
        ("上周小区电梯困过人", None),
        ("孩子上小学怎么报名", None),
        ("那大概啥时候能弄完", None),
        ("城西农贸市场污水横流", "城西农贸市场"),
        ("昨天菜市场没开门", "菜市场"),
    ],
)
def test_a_number_belongs_to_its_house_once_and_little_words_are_no_name(said: str, place: str | None) -> None:
    assert normal(said) == place


@pytest.mark.parametrize(
    ("said", "place"),
    [("环城路上渣土车一辆接一辆，沙子撒一路", "环城路"), ("和平路的垃圾车过去，脏水滴一路", "和平路")],
)
def test_what_is_dropped_all_along_the_way_names_no_road(said: str, place: str) -> None:
    assert normal(said) == place


def test_a_place_of_another_sound_stays_what_was_said() -> None:
    assert normal("大同路八号") == "大同路8号"


@pytest.mark.parametrize(
    ("words", "figures"),
    [
        ("八十八", "88"),
        ("五零一", "501"),
        ("一百二十", "120"),
        ("两百零八", "208"),
        ("幺二", "12"),
        ("１２", "12"),
        ("甲", "甲"),
    ],
)
def test_numbers_keep_the_way_they_were_said_digit_by_digit_or_counted(words: str, figures: str) -> None:
    assert in_figures(words) == figures


def test_of_words_taken_back_what_stands_counts() -> None:
    assert normal("梅园小区，不对，是桃源小区六号楼") == "桃源小区6号楼"
    assert read_receipt("10023456不对是10023457") == "10023457"
    phone = read_phone("13800138000，说错了，最后四位是8001", asked=True)
    assert phone is not None
    assert phone.number == "13800138001"
    time = read_time("昨天，不对，是前天晚上", AT)
    assert time is not None
    assert time.words == "前天晚上"


def test_the_number_of_somebody_else_is_not_the_citizens() -> None:
    assert read_phone("老板的手机号是13911112222", "0837") is None
    both = read_phone("老板的手机号是13911112222，我的是13800138000", "0837")
    assert both is not None
    assert both.number == "13800138000"


def test_a_landline_gets_the_citys_area_code_unless_it_was_told_with_another() -> None:
    here, elsewhere = read_phone("座机8234567", "0837"), read_phone("区号是零二零，号码87654321", "0837")
    assert here is not None
    assert elsewhere is not None
    assert (here.number, elsewhere.number) == ("08378234567", "02087654321")


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("国庆那几天", datetime(2026, 10, 1)),
        ("去年国庆", datetime(2025, 10, 1)),
        ("中秋节那天", datetime(2026, 9, 25)),
        ("上个月31号", datetime(2026, 10, 31)),
        ("28号", datetime(2026, 10, 28)),  # this month's has not come yet
        ("星期五", datetime(2026, 11, 20)),
        ("下午两点半", datetime(2026, 11, 24, 14, 30)),  # it is ten in the morning
        ("昨晚一点", datetime(2026, 11, 25, 1)),
        ("31号", datetime(2026, 10, 31)),
        ("2月30号", None),
        ("每天晚上", None),
        ("前几天", None),
    ],
)
def test_what_happened_lies_in_the_past(words: str, instant: datetime | None) -> None:
    found = instant_of(words, AT)
    assert (found.replace(tzinfo=None) if found else None) == instant


@pytest.mark.parametrize(
    ("words", "exact"),
    [
        ("昨天下午", False),
        ("昨天", False),
        ("上周三", False),
        ("半夜", False),
        ("三天前", False),
        ("昨晚十一点多", True),
        ("刚才", True),
        ("半个小时前", True),
        ("三点半", True),
    ],
)
def test_only_what_is_told_to_the_hour_is_an_exact_instant(words: str, exact: bool) -> None:
    assert (exact_instant_of(words, AT) is not None) is exact


@pytest.mark.parametrize(
    ("said", "none"),
    [
        ("2月30号", True),
        ("11月31日下午", True),
        ("十二月三十二号", True),
        ("13月5日", True),
        ("2月29日", False),
        ("十一月三十号", False),
        ("12月1号", False),
        ("解放路108号", False),
        ("3月", False),
    ],
)
def test_a_day_there_is_not_is_known_as_such(said: str, none: bool) -> None:
    assert names_no_day(said) is none


def test_a_holiday_not_yet_announced_begins_on_its_day_where_it_has_one() -> None:
    later = datetime(2031, 11, 25, 10, 0, tzinfo=CHINA)
    begins = instant_of("国庆那几天", later)
    assert begins is not None
    assert begins.date() == datetime(2031, 10, 1).date()
    assert instant_of("中秋节", later) is None


@pytest.mark.parametrize(
    ("said", "plate"),
    [
        ("云A幺二三四五", "云A12345"),
        ("京n 三个八六六", "京N88866"),
        ("云AD12345", "云AD12345"),
        ("云州A12345", None),
        ("云A1234", None),
    ],
)
def test_plates_are_read_as_typed_or_spoken(said: str, plate: str | None) -> None:
    assert read_plate(said) == plate


@pytest.mark.parametrize(
    ("said", "asked", "place"),
    [
        ("和平路那个老供销社家属院，三栋，又停水了", False, "和平路老供销社家属院3栋"),
        ("文化路88号，后面那一段，二楼", True, "文化路88号后面那一段2楼"),
        ("幸福路菜市场进去左手第二家，油烟大", False, "幸福路菜市场进去左手第二家"),
        ("阳光花园门口右手边第三家", True, "阳光花园门口右手边第三家"),
        ("团结路小学门口的路灯", False, "团结路小学门口"),
        ("平安小区旁边巷子里有个网吧", False, "平安小区旁边巷子里"),
        ("祥和小区5栋楼下拉电线", False, "祥和小区5栋楼下"),
        ("我亲眼看到他们在后头仓库弄", False, None),
        ("拆迁安置房三年了还没交房", False, None),
        ("人民路的好又多超市", True, "人民路好又多超市"),
    ],
)
def test_where_people_point_to_is_part_of_the_place(said: str, asked: bool, place: str | None) -> None:
    assert normal(said, asked=asked) == place


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("有个把星期了", "有个把星期了"),
        ("车库出口堵了一上午了", "一上午了"),
        ("吵了整整一晚上", "整整一晚上"),
        ("今天上午十点", "今天上午十点"),
        ("3号晚上", "3号晚上"),
    ],
)
def test_a_length_of_time_is_heard_in_everyday_words(said: str, words: str) -> None:
    found = read_time(said, AT)
    assert found is not None
    assert found.words == words


@pytest.mark.parametrize(
    ("said", "target"),
    [
        ("在新城花园二期工地干活，包工头王大勇欠了四个月工资", "王大勇"),
        ("老板不给发工资", None),
        ("就南城那个消防队", "南城那个消防队"),
        ("肯定是上面化工厂排的", "化工厂"),
        ("在上海小吃店吃坏了肚子", "上海小吃店"),
    ],
)
def test_who_owes_is_who_it_is_about(said: str, target: str | None) -> None:
    assert read_target(said, asked=said.startswith("就")) == target


@pytest.mark.parametrize("said", ["工业园3号厂房", "物流园12号仓库", "地铁站3号出口", "3号机房"])
def test_a_number_of_a_workshop_is_no_day(said: str) -> None:
    assert read_time(said, AT, asked=True) is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("我叫王有才", "王有才"),
        ("俺叫李会来", "李会来"),
        ("于会泳", "于会泳"),
        ("王有才 13800138000", "王有才"),
        ("我姓王名叫有才", "王有才"),
        ("还没有", None),
        ("路过的", None),
        ("赵没问题", None),
        ("我叫车没来", None),
        ("时间不多", None),
        ("我是阳光花园5栋的房主，电梯坏了", None),
        ("我是紫荆花园8栋的王秀兰", "王秀兰"),
    ],
)
def test_a_name_may_hold_what_sentences_hold(said: str, name: str | None) -> None:
    assert read_name(said, asked=True) == name


@pytest.mark.parametrize("said", ["物业管理处电话13800138000", "老板说电话是13800138000", "中介说手机号是13800138000"])
def test_a_number_of_whoever_it_is_about_is_not_the_citizens(said: str) -> None:
    assert read_phone(said, "0837") is None


def test_a_number_beside_one_who_does_nothing_is_the_citizens() -> None:
    found = read_phone("物业不管我电话13800138000", "0837")
    assert found is not None
    assert found.number == "13800138000"
