import Foundation
import GavelAdmin
import Glibc
import NIOCore
import NIOPosix
import Testing

@Suite("The control socket without file descriptors", .timeLimit(.minutes(10)))
struct DescriptorShortageTests {
    /// Processor time of an event loop's thread.
    private static func time(of eventLoop: any EventLoop) async throws -> Duration {
        try await eventLoop.submit {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }.get()
    }

    @Test("clients wait, which costs the event loop nothing, and are served when there are some again")
    func backsOff() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 256, rlim_max: 256)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
            // Made before the last descriptors are taken; a sleep of Swift's own would need some.
            let clock = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
            try await ControlledRelay.run(on: eventLoop) { relay in
                var taken: [CInt] = []
                while true {
                    let descriptor = open("/dev/null", O_RDONLY)
                    if descriptor < 0 { break }
                    taken.append(descriptor)
                }
                try #require(errno == EMFILE)
                // One descriptor for the client, and none for its end in the relay.
                close(taken.removeLast())
                let client = try PlainSocket(relay.path)
                client.send("{\"id\":1,\"command\":\"log-level\"}\n")

                let before = try await Self.time(of: eventLoop)
                try await clock.scheduleTask(in: .milliseconds(500)) {}.futureResult.get()
                let spent = try await Self.time(of: eventLoop) - before
                for descriptor in taken { close(descriptor) }
                try #require(spent < .milliseconds(50))
                try #require(await client.line() == #"{"id":1,"reply":{"level":"info"}}"#)
            }
        }
    }
}
