"""`cleaner review`: a person looks at what was done, the doubtful first, and answers with one key.

`machine.py` is what happens at each answer, and pure; `plain.py` and `app.py` are two skins of it, prompts
and a full screen; `desk.py` puts answers on disk.
"""
