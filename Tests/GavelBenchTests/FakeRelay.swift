import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A relay of a few lines on loopback, right or wrong as a test wants it. Its handshake and frames are SwiftNIO's own.
final class FakeRelay {
    /// What the relay does wrong; numbers are places in a room's order, from 1.
    enum Fault {
        case none
        case repeatsNumber(at: Int)
        case skipsNumber(at: Int)
        /// The message is relayed after the next one.
        case reorders(at: Int)
        /// From this message on nothing is relayed.
        case stops(at: Int)
        /// From this message on the client that joined last gets nothing.
        case forgetsLastClient(at: Int)
        /// The sender of this message gets an error, nobody the message.
        case refuses(at: Int)
        /// The sender of this message is closed with 4002.
        case cuts(at: Int)
        case refusesJoins
        /// Not wrong: messages go out in two fragments around a ping.
        case fragments
        /// Not wrong: the room is at this number when its first client joins.
        case beginsAt(Int)
    }

    private final class Room {
        var members: [Member] = []
        var number = 0
        var relayed = 0
        var held: String?
    }

    private struct Member {
        let id: Int
        let channel: any Channel
    }

    private let fault: Fault
    private var rooms: [String: Room] = [:]

    private init(fault: Fault) {
        self.fault = fault
    }

    /// Runs `body` with the port of a relay with this fault.
    static func run<Result: Sendable>(
        _ fault: Fault = .none,
        body: (Int) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let server = try await loop.flatSubmit {
            let relay = NIOLoopBound(FakeRelay(fault: fault), eventLoop: loop)
            return ServerBootstrap(group: loop)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    let upgrader = NIOWebSocketServerUpgrader(
                        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
                        upgradePipelineHandler: { channel, _ in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(Connection(relay: relay.value))
                            }
                        }
                    )
                    return channel.pipeline.configureHTTPServerPipeline(
                        withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in })
                    )
                }
                .bind(host: "127.0.0.1", port: 0)
        }.get()
        do {
            let result = try await body(server.localAddress?.port ?? 0)
            try await group.shutdownGracefully()
            return result
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    private func join(_ key: String, _ channel: any Channel) -> (roomKey: String, clientID: Int)? {
        if case .refusesJoins = self.fault {
            self.send(#"{"type":"error","client_id":0,"code":"room_full"}"#, to: channel)
            return nil
        }
        let room = self.rooms[key] ?? Room()
        self.rooms[key] = room
        if case .beginsAt(let number) = self.fault, room.members.isEmpty { room.number = number }
        let id = room.members.count + 1
        room.members.append(Member(id: id, channel: channel))
        self.send(#"{"type":"joined","client_id":\#(id),"room":"\#(key)","msg_id":\#(room.number)}"#, to: channel)
        return (key, id)
    }

    private func relay(_ text: String, from clientID: Int, in key: String, _ channel: any Channel) {
        guard let room = self.rooms[key] else { return }
        room.relayed += 1
        switch self.fault {
        case .stops(let place) where room.relayed >= place: return
        case .refuses(let place) where room.relayed == place:
            return self.send(#"{"type":"error","client_id":\#(clientID),"code":"rejected"}"#, to: channel)
        case .cuts(let place) where room.relayed == place:
            var code = channel.allocator.buffer(capacity: 2)
            code.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: 4002))
            return channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .connectionClose, data: code), promise: nil)
        case .reorders(let place) where room.relayed == place:
            room.held = text
            return
        case .repeatsNumber(let place) where room.relayed == place: break
        case .skipsNumber(let place) where room.relayed == place: room.number += 2
        default: room.number += 1
        }
        self.publish(text, from: clientID, in: room)
        if let held = room.held {
            room.held = nil
            room.number += 1
            self.publish(held, from: clientID, in: room)
        }
    }

    private func publish(_ text: String, from clientID: Int, in room: Room) {
        let stamped = text.dropLast() + #","client_id":\#(clientID),"msg_id":\#(room.number)}"#
        var members = room.members[...]
        if case .forgetsLastClient(let place) = self.fault, room.relayed >= place { members = members.dropLast() }
        for member in members { self.send(String(stamped), to: member.channel) }
    }

    private func send(_ text: String, to channel: any Channel) {
        let data = ByteBuffer(string: text)
        guard case .fragments = self.fault, let first = data.getSlice(at: 0, length: 20) else {
            return channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .text, data: data), promise: nil)
        }
        let rest = data.getSlice(at: 20, length: data.readableBytes - 20) ?? ByteBuffer()
        channel.write(WebSocketFrame(fin: false, opcode: .text, data: first), promise: nil)
        channel.write(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer(string: "?")), promise: nil)
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .continuation, data: rest), promise: nil)
    }

    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = WebSocketFrame
        typealias OutboundOut = WebSocketFrame

        private let relay: FakeRelay
        private var place: (roomKey: String, clientID: Int)?

        init(relay: FakeRelay) {
            self.relay = relay
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = self.unwrapInboundIn(data)
            switch frame.opcode {
            case .text:
                let text = String(buffer: frame.unmaskedData)
                if let place {
                    return self.relay.relay(text, from: place.clientID, in: place.roomKey, context.channel)
                }
                let join = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String]
                guard join?["type"] == "join", let key = join?["room"] else { return context.close(promise: nil) }
                self.place = self.relay.join(key, context.channel)
            case .connectionClose:
                let answer = WebSocketFrame(fin: true, opcode: .connectionClose, data: frame.unmaskedData)
                context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil)
                context.close(promise: nil)
            default:
                break
            }
        }
    }
}
