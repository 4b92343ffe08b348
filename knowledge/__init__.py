"""The knowledge base: articles and their life cycle, loading, search, answers for the bot.

Rows are kept in ``articles.py``, changed through ``life_cycle.py`` and filled from a city pack by ``loading.py``;
``answering.py`` is what the bot asks. Below it everything is pure: ``index.py`` is made from articles, ``search.py``
looks into it; ``lexicon.py``, ``runs.py``, ``postings.py`` and ``meaning.py`` are what both stand on.
"""
