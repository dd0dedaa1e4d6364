"""Which terms of the lexicon were ever found in what is stored?"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from functools import lru_cache

from monitor.flows.rematch import Tell, over_the_past
from monitor.model import Article
from monitor.ports import Executor, Store
from monitor.steps.lexicon import Term
from monitor.steps.matching import RuleBook


def named_in(packed: bytes, articles: Sequence[tuple[Article, bool]]) -> frozenset[Term]:
    """The terms of a packed rule book that these articles name. Runs in a worker."""
    rules = _unpacked(packed)
    return frozenset().union(*(rules.named(article) for article, _ in articles))


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> RuleBook:
    rules: RuleBook = pickle.loads(packed)  # noqa: S301 (our own bytes)
    return rules


async def terms_ever_found(store: Store, executor: Executor, rules: RuleBook, *, tell: Tell = lambda _: None) -> set[Term]:
    """The terms that stand anywhere in the stored articles, whether or not a rule fired on them."""
    found: set[Term] = set()
    async for items, named in over_the_past(store, executor, named_in, pickle.dumps(rules)):
        found |= named
        tell(len(items))
    return found
