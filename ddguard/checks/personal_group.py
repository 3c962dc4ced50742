"""Groups of the query identify persons.

## What
The query is grouped by something that a person can be told by: an e-mail address, a name, a phone number, the address
of their computer, a card, a bank account or a wallet. Names of keys are recognised in all spellings.

## Why
The groups of an alert stand in its title, its message and its history, and go to everybody whom it notifies: chats,
pagers, mail. They can't be called back from there. An id that says nothing outside of your own systems does as well.

## Example
```yaml
id: logins
name: Failed logins
type: query alert
query: sum(last_5m):sum:auth.failures{*} by {user_email}.as_count() > 10
message: Many failed logins, see https://runbooks.example.com/logins @slack-team
tags: [team:auth]
priority: 3
```

## Use instead
```yaml
id: logins
name: Failed logins
type: query alert
query: sum(last_5m):sum:auth.failures{*} by {tenant}.as_count() > 10
message: Many failed logins, see https://runbooks.example.com/logins @slack-team
tags: [team:auth]
priority: 3
```

## Source
`privacy.group_keys.allow` in `ddguard.yaml` lists keys that are none of this in your project; see also
https://docs.datadoghq.com/data_security/
"""

from collections.abc import Iterator

from ddguard.checks.base import Check, Found, Subject, Surroundings, Theme
from ddguard.checks.group_places import group_places
from ddguard.checks.personal import identifies, is_allowed
from ddguard.findings import Severity


def examine(subject: Subject, surroundings: Surroundings) -> Iterator[Found]:
    """Looks at the name of every key that the query is grouped by."""
    for place in group_places(subject):
        what = identifies(place.key)
        if what and not is_allowed(place.key, surroundings.project):
            hint = "group by an id; if it is none of this, add it to privacy.group_keys.allow in ddguard.yaml"
            yield Found(place.path, f"groups by {place.key}: {what} in every alert", hint, place.offset, place.width)


CHECK = Check("DDG401", "personal-group", Severity.WARNING, Theme.PRIVACY, __doc__, examine)
