"""The application: puts documents, search and models together, and answers people.

`Assistant.ask` in `answer.py` is the whole way from a question to an answer.
"""
