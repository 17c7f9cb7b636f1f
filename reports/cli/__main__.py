"""`python -m planespec.reports.cli`, for checkouts that are not installed."""

from planespec.reports.cli.start import main

main()
