"""What other plugins import of billing: the contract, and nothing that is slow to import.

The plugin itself is :mod:`acme_billing.plugin`, where the entry point leads.
"""

from __future__ import annotations

from acme_billing.contract import Billing, Plan, Quota, QuotaExceeded

__all__ = ("Billing", "Plan", "Quota", "QuotaExceeded")
