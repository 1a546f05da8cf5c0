"""A model as bytes: arrays in NumPy's own container, read with pickle forbidden.

A pickled pipeline would run whatever code its bytes name, and would break with the next scikit-learn. Here bytes can
only become arrays, and arrays of other kinds or shapes than a model has are refused.
"""

import io
import zipfile
import zlib

import numpy as np
from django.utils.translation import gettext as _

from governance.classify.model import TextClassifier, ratio_terms
from governance.classify.terms import VIEWS
from governance.errors import Invalid

FORMAT = 1
KINDS = {
    "keys": np.uint64, "rarity": np.float32, "coefficients": np.float16, "intercepts": np.float32,
    "ratios": np.float16, "ratio_coefficients": np.float16, "ratio_intercepts": np.float32,
    "mixing": np.float64, "offsets": np.float64,
}  # fmt: skip
BROKEN = (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError)


def written(model: TextClassifier) -> bytes:
    """Return the model as bytes."""
    file = io.BytesIO()
    arrays = {name: np.asarray(getattr(model, name), dtype=kind) for name, kind in KINDS.items()}
    views = np.array([f"{view.name} {view.weight}" for view in VIEWS])
    np.savez_compressed(file, format=np.array(FORMAT), labels=np.array(model.labels), views=views, **arrays)
    return file.getvalue()


def read(content: bytes) -> TextClassifier:
    """Return the model in ``content``. Raises Invalid for anything that is none, or was made for other terms."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in ("format", "labels", "views", *KINDS)}
    except BROKEN as error:
        raise Invalid(_("These bytes are no text model."), field="artefact", code="unreadable") from error
    views = [f"{view.name} {view.weight}" for view in VIEWS]
    if arrays["format"].shape or int(arrays["format"]) != FORMAT or arrays["views"].tolist() != views:
        raise Invalid(_("This text model is of another version: train it again."), field="artefact", code="version")
    labels = tuple(str(label) for label in arrays["labels"].ravel())
    _check(arrays, labels)
    # Half precision is for storing: the arithmetic of processors begins at single.
    halves = {name for name, kind in KINDS.items() if kind == np.float16}
    return TextClassifier(
        labels, **{name: arrays[name].astype(np.float32) if name in halves else arrays[name] for name in KINDS}
    )


def _check(arrays: dict[str, np.ndarray], labels: tuple[str, ...]) -> None:
    terms, count = arrays["keys"].size, len(labels)
    shapes = {
        "keys": (terms,), "rarity": (terms,), "coefficients": (terms, count), "intercepts": (count,),
        "ratios": (ratio_terms(arrays["keys"].ravel()), count), "ratio_intercepts": (count,),
        "ratio_coefficients": arrays["ratios"].shape, "mixing": (2 * count, count), "offsets": (count,),
    }  # fmt: skip
    fits = all(arrays[name].shape == shape and arrays[name].dtype == KINDS[name] for name, shape in shapes.items())
    if not fits or terms == 0 or count < 2 or not np.all(arrays["keys"][1:] > arrays["keys"][:-1]):
        raise Invalid(_("These bytes are no text model."), field="artefact", code="unreadable")
