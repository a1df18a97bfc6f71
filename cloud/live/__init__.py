"""What viewers see, held in memory while somebody looks.

| module    | holds                                                                |
| --------- | -------------------------------------------------------------------- |
| `events`  | what a viewer is told                                                |
| `views`   | how the documents of a watch become such events: one store, all stores |
| `names`   | what GTINs are called                                                |
| `feed`    | one watch, its thread, and the viewers of it                         |
| `hub`     | all feeds: begun with the first viewer, ended after the last         |

Nothing here knows asyncio: whoever looks gives a `wake` that any thread may call.
"""
