"""The number of a card, a bank account or a wallet stands in a text.

## What
A message, a name, a tag, a query or a reason holds a card number, an IBAN or a wallet's address. Check digits tell them
from other numbers: ids and timestamps are left alone.

## Why
It tells whose money it is, to everybody who gets the alert or reads the repository, and card numbers there are against
the rules of the card schemes. What is once in a repository stays in its history.

## Example
```yaml
id: payouts
name: Failed payouts
type: query alert
query: sum(last_5m):sum:payouts.failed{*}.as_count() > 10
message: Payouts fail, as GB82 WEST 1234 5698 7654 32 showed, see https://runbooks.example.com/payouts @slack-team
tags: [team:payments]
priority: 3
```

## Use instead
```yaml
id: payouts
name: Failed payouts
type: query alert
query: sum(last_5m):sum:payouts.failed{*}.as_count() > 10
message: Payouts fail, as the incident PAY-12 showed, see https://runbooks.example.com/payouts @slack-team
tags: [team:payments]
priority: 3
```

## Source
ISO/IEC 7812 (cards), ISO 13616 (IBAN); https://www.pcisecuritystandards.org/
"""

from ddguard.checks.base import Check, Theme
from ddguard.checks.in_texts import examiners
from ddguard.checks.payment import payment_details
from ddguard.findings import Severity

HINT = "write the id of the case instead; what was pushed is in the repository's history"

CHECK = Check("DDG405", "payment-number", Severity.ERROR, Theme.PRIVACY, __doc__, *examiners(payment_details, HINT))
