"""Personal data as shown to people whose work does not need it."""


def masked_name(name: str) -> str:
    """Return the first character and stars: 张** for 张小明."""
    return name[:1] + "**" if name else ""


def masked_phone(phone: str | None) -> str:
    """Return the phone with its middle hidden: 138****1234."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "****"
