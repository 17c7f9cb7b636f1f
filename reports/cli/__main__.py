"""`python -m planespec.reports.cli`, for checkouts that are not installed."""

from planespec.reports.cli.main import main

main()
