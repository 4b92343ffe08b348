"""What pages for citizens and pages for staff share: headers, errors, templates, static files, rate limits."""
