"""Proofs: a quote with everything that was signed over it, to be checked far from any repository.

`verify_proof` is a file that also stands alone, on machines that have nothing else of ours.
"""
