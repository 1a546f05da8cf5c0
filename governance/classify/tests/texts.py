"""Small invented messages of three fields, for tests."""

from random import Random

WORDS = {
    "供水排水": ["自来水", "停水", "水压", "水管", "漏水", "排水沟", "水表", "污水井"],
    "道路交通": ["路面", "坑洼", "红绿灯", "公交车", "站牌", "拥堵", "斑马线", "护栏"],
    "学校教育": ["学校", "老师", "学生", "补课", "幼儿园", "学费", "校服", "招生"],
}
FRAMES = [
    "您好，我们小区的{}和{}有问题，请处理。",
    "反映一下{}，{}已经好几天了。",
    "领导您好：{}、{}能不能管一管？谢谢！",
]


def rows(count: int, *, seed: int = 1) -> tuple[list[str], list[str]]:
    """Return ``count`` texts per field and their labels; one in ten speaks of another field, too."""
    rng = Random(seed)
    texts, labels = [], []
    for label, words in WORDS.items():
        for _number in range(count):
            first, second = rng.sample(words, 2)
            if rng.random() < 0.1:
                second = rng.choice(WORDS[rng.choice(list(WORDS))])
            texts.append(rng.choice(FRAMES).format(first, second))
            labels.append(label)
    return texts, labels
