"""Notifications: asked for, and streamed."""
import threading
import time

from checks import check, refused, same, true, until
from world import me, message, other, scratch, setting, unique

from exchangelib import Message
from exchangelib.errors import ErrorInvalidSubscription, ResponseMessageError
from exchangelib.properties import (
    CopiedEvent,
    CreatedEvent,
    DeletedEvent,
    ModifiedEvent,
    MovedEvent,
    NewMailEvent,
    StatusEvent,
)


class Pull:
    """A pull subscription with its watermark."""

    def __init__(self, folder, **more):
        self.folder = folder
        self.id, self.watermark = folder.subscribe_to_pull(**more)

    def events(self):
        """What has happened since it was last asked."""
        found = []
        more = True
        while more:
            more = False
            for notification in self.folder.get_events(self.id, self.watermark):
                more = more or notification.more_events
                for event in notification.events:
                    self.watermark = event.watermark
                    if not isinstance(event, StatusEvent):
                        found.append(event)
        return found

    def wait(self, kind):
        """The first event of a kind."""
        seen = []

        def look():
            seen.extend(self.events())
            return [e for e in seen if isinstance(e, kind)]

        return until(look, f"a {kind.__name__}")[0]


@check()
def nothing_happened():
    folder = scratch()
    pull = Pull(folder)
    same(pull.events(), [])
    notifications = list(folder.get_events(pull.id, pull.watermark))
    true(all(isinstance(e, StatusEvent) for n in notifications for e in n.events), "the status alone is told")
    folder.unsubscribe(pull.id)


@check()
def creation_change_and_deletion():
    folder = scratch()
    pull = Pull(folder)
    made = message(folder)
    created = pull.wait(CreatedEvent)
    same((created.item_id.id, created.parent_folder_id.id), (made.id, folder.id))
    made.subject = "changed"
    made.save(update_fields=["subject"])
    same(pull.wait(ModifiedEvent).item_id.id, made.id)
    made_id = made.id
    made.delete()
    same(pull.wait(DeletedEvent).item_id.id, made_id)
    folder.unsubscribe(pull.id)


@check()
def move_and_copy():
    source, target = scratch(), scratch()
    made = message(source)
    pull = Pull(source)
    into = Pull(target)
    old = made.id
    copy_id, _ = made.copy(to_folder=target)
    same(into.wait((CopiedEvent)).item_id.id, copy_id)
    made.move(to_folder=target)
    moved = pull.wait(MovedEvent)
    same((moved.old_item_id.id, moved.item_id.id), (old, made.id))
    same((moved.old_parent_folder_id.id, moved.parent_folder_id.id), (source.id, target.id))
    source.unsubscribe(pull.id)
    target.unsubscribe(into.id)


@check()
def only_the_events_that_were_asked_for():
    folder = scratch()
    pull = Pull(folder, event_types=["DeletedEvent"])
    message(folder).delete()
    pull.wait(DeletedEvent)
    same(pull.events(), [])
    folder.unsubscribe(pull.id)


@check()
def new_mail():
    pull = Pull(me().inbox, event_types=["NewMailEvent"])
    subject = unique("new")
    Message(account=other(), subject=subject, body="x", to_recipients=[setting("USER")]).send()
    event = pull.wait(NewMailEvent)
    (got,) = me().fetch([(event.item_id.id, None)], only_fields=["subject"])
    same(got.subject, subject)
    me().inbox.unsubscribe(pull.id)


@check()
def old_watermark_tells_the_same_again():
    folder = scratch()
    pull = Pull(folder)
    pull.events()
    before = pull.watermark
    made = message(folder)
    same(pull.wait(CreatedEvent).item_id.id, made.id)
    pull.watermark = before
    same(pull.wait(CreatedEvent).item_id.id, made.id)
    folder.unsubscribe(pull.id)


@check()
def ended_subscription_is_refused():
    folder = scratch()
    pull = Pull(folder)
    folder.unsubscribe(pull.id)
    refused(ResponseMessageError, pull.events)
    refused(ResponseMessageError, folder.unsubscribe, pull.id)


@check()
def subscription_in_a_with_statement():
    folder = scratch()
    with folder.pull_subscription() as (subscription, watermark):
        true(subscription and watermark, "there are an id and a watermark")
    refused(ResponseMessageError, folder.unsubscribe, subscription)


def later(seconds, function):
    """Does something after a while, in a thread of its own."""

    def run():
        time.sleep(seconds)
        function()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def streamed(folder, subscriptions, enough):
    """The events of a stream by the folder's id, until there are enough."""
    told = {}
    for notification in folder.get_streaming_events(subscriptions, connection_timeout=1):
        for event in notification.events:
            if not isinstance(event, StatusEvent) and event.event_type == "item":
                told.setdefault(event.parent_folder_id.id, []).append((type(event), event.item_id.id))
        if enough(told):
            break
    return told


@check()
def events_are_streamed_as_they_happen():
    folder = scratch()
    subscription = folder.subscribe_to_streaming()
    thread = later(1, lambda: message(folder, "streamed"))
    begin = time.monotonic()
    told = streamed(folder, subscription, lambda told: told)
    took = time.monotonic() - begin
    thread.join()
    same(told[folder.id][0], (CreatedEvent, folder.get(subject="streamed").id))
    true(took < 50, f"{took:.1f} s are less than the time of the connection")
    folder.unsubscribe(subscription)


@check()
def stream_ends_after_its_time():
    folder = scratch()
    subscription = folder.subscribe_to_streaming()
    made = [message(folder, "one").id, message(folder, "two").id]
    told = streamed(folder, subscription, lambda told: False)
    same([item for kind, item in told[folder.id] if kind is CreatedEvent], made)
    folder.unsubscribe(subscription)


@check()
def several_subscriptions_share_a_stream():
    one, two = scratch(), scratch()
    subscriptions = [one.subscribe_to_streaming(), two.subscribe_to_streaming()]
    in_one, in_two = message(one), message(two)
    told = streamed(one, subscriptions, lambda told: len(told) == 2)
    same((told[one.id][0], told[two.id][0]), ((CreatedEvent, in_one.id), (CreatedEvent, in_two.id)))
    for subscription in subscriptions:
        one.unsubscribe(subscription)


@check()
def stream_of_an_unknown_subscription_is_refused():
    folder = scratch()
    subscription = folder.subscribe_to_streaming()
    folder.unsubscribe(subscription)
    refused(
        (ErrorInvalidSubscription, ResponseMessageError),
        lambda: list(folder.get_streaming_events(subscription, connection_timeout=1)),
    )


@check()
def streaming_subscription_in_a_with_statement():
    folder = scratch()
    with folder.streaming_subscription() as subscription:
        made = message(folder, "within")
        told = streamed(folder, subscription, lambda told: told)
        same(told[folder.id][0], (CreatedEvent, made.id))
