"""What other plugins import from billing: the contract, and nothing that is slow to import.

The plugin itself is :mod:`acme_billing.plugin`, which the entry point names.
"""

from __future__ import annotations

from acme_billing.contract import Billing, Plan, Quota, QuotaExceeded

__all__ = ("Billing", "Plan", "Quota", "QuotaExceeded")
