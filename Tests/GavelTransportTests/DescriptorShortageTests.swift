import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import GavelTransport

@Suite(.timeLimit(.minutes(10))) struct DescriptorShortageTests {
    @Test("the limit is raised as far as it goes")
    func raises() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 50, rlim_max: 100)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            try #require(DescriptorLimit.raise() == 100)
            try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            try #require(limit.rlim_cur == 100)
        }
    }

    @Test("connections leave descriptors for the rest of the process, and have half of few")
    func reserves() {
        #expect(DescriptorLimit.connections(within: 65_536, others: 288) == 65_536 - 64 - 288)
        #expect(DescriptorLimit.connections(within: 400, others: 288) == 200)
        #expect(DescriptorLimit.connections(within: 1, others: 288) == 1)
    }

    /// Of the whole process.
    private static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    @Test("without descriptors connections wait, which costs nothing, and are served when there are some again")
    func backsOff() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 256, rlim_max: 256)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            // Made before the last descriptors are taken; a sleep of Swift's own would need some.
            let clock = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
            try await TestServer.run { server in
                // The client's own socket is made before the last descriptors are taken.
                let client = try await TestClient.connect(to: server.address)
                try await client.send(TestClient.handshake)
                #expect(try await client.responseHead().hasPrefix("HTTP/1.1 101 "))

                let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                var taken: [Int32] = []
                while true {
                    let descriptor = open("/dev/null", O_RDONLY)
                    if descriptor < 0 { break }
                    taken.append(descriptor)
                }
                try #require(errno == EMFILE)
                try #require(connect(socket, to: server.address) == 0)
                let request = Array(TestClient.handshake.utf8)
                try #require(send(socket, request, request.count, 0) == request.count)

                // Looking at the listener again and again would take the whole of it.
                let before = Self.processorTime
                try await clock.scheduleTask(in: .milliseconds(500)) {}.futureResult.get()
                let spent = Self.processorTime - before
                // The listener is not broken by the shortage: the client that is in is served meanwhile.
                try await client.send(ClientFrame.message(#"{"type":"gavel.ping"}"#))
                #expect(await client.frame()?.text == #"{"type":"gavel.pong"}"#)

                for descriptor in taken { close(descriptor) }
                try #require(spent < .milliseconds(50))
                var response = [UInt8](repeating: 0, count: 12)
                try #require(recv(socket, &response, 12, Int32(MSG_WAITALL)) == 12)
                try #require(String(decoding: response, as: UTF8.self) == "HTTP/1.1 101")
                close(socket)
                await client.close()
            }
        }
    }
}

private func connect(_ socket: Int32, to address: SocketAddress) -> Int32 {
    address.withSockAddr { Glibc.connect(socket, $0, socklen_t($1)) }
}
