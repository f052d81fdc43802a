import pytest

from tests.app.fixers.setup import Story


@pytest.fixture
def story(cast):
    story = Story(cast)
    story.repository()
    return story
