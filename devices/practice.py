"""What of devices a practice package holds: profiles with their statuses and metrics."""

from devices.models import DeviceProfile
from governance.practice import Children, Part, practice_part

practice_part(
    Part(
        key="device_profiles",
        model=DeviceProfile,
        fields=("code", "name", "reporting_interval", "category", "scene", "case_source"),
        children=(
            Children(
                related="statuses",
                fields=("code", "label", "severity", "standard", "opens_case"),
                identity=("code",),
            ),
            Children(
                related="metrics",
                fields=("metric", "label", "unit", "high", "low", "clear", "alarm"),
                identity=("metric",),
            ),
        ),
        order=40,
    )
)
