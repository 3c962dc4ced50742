import pytest

from tests.sandbox.conversation import Conversation


@pytest.fixture
def talk() -> Conversation:
    """A conversation with an empty sandbox."""
    return Conversation()
