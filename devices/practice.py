"""What of devices a practice package holds: the versions of profiles in force, with their statuses and metrics.

What differs here arrives in a draft, to be tried and published. A profile that this place does not have is in force at
once: there is no device yet that it would judge.
"""

from devices.models import DeviceProfile, ProfileState
from devices.profile_content import COMMAND, METRIC, PROFILE, STATUS
from devices.profiles import draft_of, profile_publish
from governance.models import User
from governance.practice import Children, Part, Versions, practice_part


def in_work(key: list) -> DeviceProfile | None:
    """Return the draft of a profile, or its version in force, or None. Raises ValueError for what is no key."""
    (code,) = key
    return DeviceProfile.objects.in_work().filter(code=code).first()


def as_draft(row: DeviceProfile, _actor: User) -> None:
    """Let a profile that arrives be a draft."""
    row.state = ProfileState.DRAFT


def published(row: DeviceProfile, actor: User) -> None:
    """Put a profile in force that has arrived whole."""
    profile_publish(row, actor=actor)


practice_part(
    Part(
        key="device_profiles",
        model=DeviceProfile,
        fields=("code", *PROFILE),
        children=(
            Children(related="statuses", fields=STATUS, identity=("code",)),
            Children(related="metrics", fields=METRIC, identity=("metric",)),
            Children(related="commands", fields=COMMAND, identity=("name",)),
        ),
        chosen=lambda rows: rows.in_force(),
        here=as_draft,
        order=40,
        versions=Versions(
            find=in_work,
            key=lambda row: [row.code],
            opened=lambda row, actor: draft_of(row, actor=actor),
            done=published,
        ),
    )
)
