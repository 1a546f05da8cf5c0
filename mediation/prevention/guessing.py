"""The type of a hazard or a signal by its words, until a person says it."""

from collections.abc import Mapping, Sequence

import numpy as np

from mediation.disputes.typing import learnt, type_guesses
from mediation.models import DisputeType

# How likely a type must be before a record is counted under it [J]; and words without which it is none: most of what a
# hotline hears is no dispute, and the classifier, which knows disputes only, takes each text for one [J].
SURE = 0.5
# Of records about one matter so many must tell of a quarrel: people say what it is about, few that they quarrel [J].
QUARRELLING = 0.2
QUARREL = (
    "纠纷", "争吵", "吵架", "争执", "矛盾", "冲突", "口角", "打架", "动手", "殴打", "推搡", "家暴", "威胁", "辱骂",
    "闹事", "堵门", "围堵", "拖欠", "欠薪", "讨薪", "拒付", "拒绝支付", "拒不", "不肯", "不予赔偿", "赔偿", "赔付",
    "退款", "维权", "侵占", "霸占", "占用", "强占", "强拆", "界线", "边界", "违约", "索赔", "协商未果", "协商无果",
    "多次协商", "协商多次", "扯皮", "诉讼", "起诉", "仲裁", "投诉",
)  # fmt: skip


def type_guessed(words: str) -> DisputeType | None:
    """Return the likeliest type of a hazard; None without words or types."""
    found = type_guesses(words)
    return found[0][0] if found else None


def type_if_sure(text: str, types: Mapping[str, DisputeType]) -> DisputeType | None:
    """Return the type of a record among ``types`` (by code) where its words tell of a quarrel and leave little doubt;
    no statements."""
    if not any(word in text for word in QUARREL):
        return None
    model = learnt()
    shares = model.probabilities(text)
    best = int(shares.argmax())
    return types.get(model.labels[best]) if shares[best] >= SURE else None


def type_of_many(texts: Sequence[str], types: Mapping[str, DisputeType]) -> DisputeType | None:
    """Return the likeliest type, among ``types`` (by code), of records that are about one matter, judged together: by
    those that tell it for sure, else by all. None where hardly any tells of a quarrel. No statements."""
    if sum(any(word in text for word in QUARREL) for text in texts) < max(QUARRELLING * len(texts), 1):
        return None
    model = learnt()
    each = np.array([model.probabilities(text) for text in texts])
    sure = each[each.max(axis=1) >= SURE]
    shares = (sure if len(sure) else each).mean(axis=0)
    return next((types[label] for label in np.array(model.labels)[np.argsort(-shares)] if label in types), None)
