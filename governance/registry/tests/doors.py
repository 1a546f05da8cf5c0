"""What the tests of the registry share: clients, addresses, evidence."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from rest_framework.test import APIClient

API = "/api/v1/"
PLURAL = {"residency": "residencies", "ownership": "ownerships"}


def api(user=None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_login(user, backend="governance.permissions.PersonBackend")
    return client


def browser(user) -> Client:
    client = Client()
    client.force_login(user, backend="governance.permissions.PersonBackend")
    return client


def api_url(tie, rest="") -> str:
    return f"{API}{PLURAL[tie._meta.model_name]}/{tie.pk}/{rest}"


def page_of(tie) -> str:
    return reverse(f"admin:governance_{tie._meta.model_name}_change", args=[tie.pk])


def list_of(name) -> str:
    return reverse(f"admin:governance_{name}_changelist")


def press_api(user, tie, name, data=None):
    return api(user).post(api_url(tie, f"transitions/{name}/"), data or {}, format="json")


def press_page(user, tie, name, data=None):
    address = reverse(f"admin:governance_{tie._meta.model_name}_transition", args=[tie.pk, name])
    return browser(user).post(address, {"version": tie.version} | (data or {}))


def picture() -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "PNG")
    return SimpleUploadedFile("deed.png", buffer.getvalue(), content_type="image/png")
