"""What all tokens of a deployment are told when they are issued."""

from dataclasses import dataclass

from wearable.settings import GAEN, UTC_OFFSET_MIN


@dataclass(frozen=True)
class Deployment:
    """How its tokens speak.

    Attributes
    ----------
    utc_offset_min : by how many minutes the wearers' clocks are ahead of UTC.
    protocol : one of wearable.settings.PROTOCOLS.
    connectable : whether Bluezone's advertisements are, as its phones' are.
    read_iphones : whether to ask Bluezone's iPhones, which say their identifier only to who connects.
    service_uuid : Exposure Notification's, or one for trials.
    """

    utc_offset_min: int = UTC_OFFSET_MIN
    protocol: str = GAEN
    connectable: bool = False
    read_iphones: bool = False
    service_uuid: int = 0xFD6F
