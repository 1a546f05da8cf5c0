"""What people are told who open a page that is for partners before they are one."""

from django.shortcuts import render


def not_yet(request, title: str, text: str):
    """Answer with what the page is for, and the way to become a partner."""
    return render(request, "partners/recruiting/residents/not_yet.html", {"title": title, "text": text})
