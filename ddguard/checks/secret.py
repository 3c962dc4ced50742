"""A token, a key or a password stands in a text.

## What
A message, a name, a tag, a query or a reason holds something that opens a door: a key of Datadog or of a cloud, the
secret address of a webhook, a token, a password, a private key. The finding doesn't repeat it.

## Why
Everybody who gets the alert or reads the repository can use it, and Datadog shows it to all who may see monitors.

## Example
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: |
  Too many errors, see https://runbooks.example.com/errors @slack-team
  curl -H "Authorization: Bearer s3cr3t-0123456789abcdef" https://ops.example.com/restart
tags: [team:shop]
priority: 3
```

## Use instead
```yaml
id: errors
name: Errors
type: query alert
query: avg(last_5m):sum:app.errors{*} > 10
message: |
  Too many errors, see https://runbooks.example.com/errors @slack-team
  curl -H "Authorization: Bearer $OPS_TOKEN" https://ops.example.com/restart
tags: [team:shop]
priority: 3
```

## Source
https://docs.datadoghq.com/account_management/api-app-keys/ and the pages of those who issue the other ones.
"""

from ddguard.checks.base import Check, Theme
from ddguard.checks.credentials import credentials
from ddguard.checks.in_texts import examiners
from ddguard.findings import Severity

HINT = "take it out and have a new one issued: what was pushed or sent is known"

CHECK = Check("DDG406", "secret", Severity.ERROR, Theme.PRIVACY, __doc__, *examiners(credentials, HINT))
