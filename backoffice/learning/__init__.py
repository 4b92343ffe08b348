"""Learning which label (department, category) a text gets: features, classifier, calibration, evaluation, file.

Pure, and knows nothing of orders or pages: texts and labels go in, a :class:`backoffice.learning.model.Model` out.
"""
