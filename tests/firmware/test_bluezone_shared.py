"""The collected Bluezone vectors that lie beside the checkout, where they do."""

from binascii import unhexlify as h

import shared
from wearable.protocols import bluezone


def vectors():
    return shared.vectors("bluezone_vectors.json")


def daily_key(key, days):
    for _ in range(days):
        key = bluezone.next_daily_key(key)
    return key


def base_of(told, name):
    (base,) = [each for each in told["bases"] if each["name"] == name]
    return h(base["base_key"]), base["base_day_start_ms"]


def test_constants():
    told = vectors()["constants"]
    assert bluezone.KEY_BYTES == told["base_key_bytes"] and bluezone.ID_BYTES == told["id_bytes"]
    assert bluezone.SLOTS_A_DAY == told["max_sub_key_per_day"] and bluezone.SLOT_S * 1000 == told["slot_ms"]
    assert bluezone.COMPANY_ID == told["company_id"]
    assert bluezone.SERVICE_UUID == int(told["service_uuid16_android"], 16)


def test_daily_keys():
    told = vectors()
    for case in told["daily_keys"]:
        key = daily_key(base_of(told, case["base"])[0], case["day_index"])
        assert key == h(case["daily_key"])
        assert bluezone.first_sub_key(key) == h(case["sub_key_0"])


def test_identifiers_at_a_time():
    told = vectors()
    for case in told["ids_at_time"]:
        base, day_ms = base_of(told, case["base"])
        slot = case["slot_index"]
        # A phone can be told another number of slots; a token keeps to 96.
        if case["max_sub_key_per_day"] == bluezone.SLOTS_A_DAY:
            assert bluezone.slot_at(case["time_ms"] // 1000) == slot, case
        days = (case["utc_day_start_ms"] - day_ms) // 86400000
        assert bluezone.bluezone_id(daily_key(base, days), slot) == h(case["bluezone_id"]), case


def test_a_full_day():
    told = vectors()
    day = told["full_day"]
    base, day_ms = base_of(told, day["base"])
    key = daily_key(base, (day["day_start_ms"] - day_ms) // 86400000)
    found = [bluezone.identifier_of(sub_key) for sub_key in bluezone.sub_keys(key)]
    assert found == [h(identifier) for identifier in day["ids"]] and len(found) == 96


def test_a_sub_key_gives_its_identifier():
    # What the app makes of a sub-key of 31 bytes, twelve zeros, is left to it: here there is none.
    case = vectors()["subkey_to_id"]
    assert bluezone.identifier_of(h(case["sub_key"])) == h(case["bluezone_id"])


def test_what_is_published_of_a_phone():
    told = vectors()
    for case in told["get_bluezone_id_info"]:
        result = case["result_json"]
        days = (result["time_start"] - result["time"]) // 86400
        assert daily_key(h(result["base_id"]), days) == h(result["daily_key"]), case


def test_the_walk_through_published_days():
    case = vectors()["trace_walk"]
    for step in case["steps"]:
        day, slot = divmod(step["step"], bluezone.SLOTS_A_DAY)
        found = bluezone.bluezone_id(daily_key(h(case["daily_key"]), day), slot)
        assert found == h(step["bluezone_id"]), step
        assert bluezone.slot_at(step["start_ms"] // 1000) == slot


def test_adverts():
    for case in vectors()["adv_parse"]["cases"]:
        # An iPhone's has no identifier in it: the apps connect, a token does not.
        read = case["result"] == "android_adv"
        assert bluezone.parse(h(case["payload"])) == (h(case["bluezone_id"]) if read else None), case["label"]
