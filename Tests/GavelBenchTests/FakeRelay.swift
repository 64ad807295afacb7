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
        /// Who comes back gets all that was missed but the first.
        case skipsMissed
        /// Nobody is known who comes back.
        case forgetsSessions
        /// Who is in the room besides the sender of this message is closed with 4002.
        case cutsOthers(at: Int)
        /// Nothing is relayed for half a second from this message on, then all at once.
        case sleeps(at: Int)
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
        var clients = 0
        /// All that was relayed, by numbers from 1.
        var log: [String] = []
        /// How many messages of each client were taken.
        var handled: [Int: Int] = [:]
        var isAsleep = false
        var asleep: [(text: String, clientID: Int)] = []
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

    private func join(_ join: [String: Any], _ channel: any Channel) -> (roomKey: String, clientID: Int)? {
        guard let key = join["room"] as? String else { return nil }
        if case .refusesJoins = self.fault {
            self.send(#"{"type":"error","client_id":0,"code":"room_full"}"#, to: channel)
            return nil
        }
        let room = self.rooms[key] ?? Room()
        self.rooms[key] = room
        if case .beginsAt(let number) = self.fault, room.members.isEmpty { room.number = number }
        if let position = join["resume"] as? [String: Any], !self.forgetsSessions {
            return self.resume(position, key, room, channel)
        }
        room.clients += 1
        let id = room.clients
        room.members.append(Member(id: id, channel: channel))
        let session = join["resume"] == nil ? "" : #","session":"s\#(id)","epoch":"e","handled":0"#
        self.send(
            #"{"type":"joined","client_id":\#(id),"room":"\#(key)","msg_id":\#(room.number)\#(session)}"#,
            to: channel
        )
        return (key, id)
    }

    private var forgetsSessions: Bool {
        if case .forgetsSessions = self.fault { true } else { false }
    }

    private func resume(
        _ position: [String: Any],
        _ key: String,
        _ room: Room,
        _ channel: any Channel
    ) -> (roomKey: String, clientID: Int)? {
        guard let session = position["session"] as? String, let id = Int(session.dropFirst()),
            let last = position["msg_id"] as? Int
        else { return nil }
        room.members.removeAll { $0.id == id }
        room.members.append(Member(id: id, channel: channel))
        let answer = #""session":"\#(session)","epoch":"e","recovered":true,"handled":\#(room.handled[id] ?? 0)}"#
        self.send(
            #"{"type":"joined","client_id":\#(id),"room":"\#(key)","msg_id":\#(room.number),"# + answer,
            to: channel
        )
        var missed = room.log[last...]
        if case .skipsMissed = self.fault { missed = missed.dropFirst() }
        for text in missed { self.send(text, to: channel) }
        return (key, id)
    }

    fileprivate func lose(_ place: (roomKey: String, clientID: Int), _ channel: any Channel) {
        self.rooms[place.roomKey]?.members.removeAll { $0.id == place.clientID && $0.channel === channel }
    }

    private func relay(_ text: String, from clientID: Int, in key: String, _ channel: any Channel) {
        guard let room = self.rooms[key] else { return }
        // What is left of a connection whose client is back on another is not taken.
        guard room.members.contains(where: { $0.id == clientID && $0.channel === channel }) else { return }
        room.relayed += 1
        room.handled[clientID, default: 0] += 1
        if room.isAsleep {
            room.asleep.append((text, clientID))
            return
        }
        switch self.fault {
        case .sleeps(let place) where room.relayed == place:
            room.isAsleep = true
            room.asleep.append((text, clientID))
            let bound = NIOLoopBound((self, room), eventLoop: channel.eventLoop)
            channel.eventLoop.scheduleTask(in: .milliseconds(500)) {
                let (relay, room) = bound.value
                for (text, clientID) in room.asleep {
                    room.number += 1
                    relay.publish(text, from: clientID, in: room)
                }
                room.isAsleep = false
            }
            return
        case .cutsOthers(let place) where room.relayed == place:
            for member in room.members where member.id != clientID { self.cut(member.channel) }
            room.members.removeAll { $0.id != clientID }
            room.number += 1
        case .stops(let place) where room.relayed >= place: return
        case .refuses(let place) where room.relayed == place:
            return self.send(#"{"type":"error","client_id":\#(clientID),"code":"rejected"}"#, to: channel)
        case .cuts(let place) where room.relayed == place:
            return self.cut(channel)
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

    private func cut(_ channel: any Channel) {
        var code = channel.allocator.buffer(capacity: 2)
        code.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: 4002))
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .connectionClose, data: code), promise: nil)
    }

    private func publish(_ text: String, from clientID: Int, in room: Room) {
        let stamped = text.dropLast() + #","client_id":\#(clientID),"msg_id":\#(room.number)}"#
        room.log.append(String(stamped))
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

        func channelInactive(context: ChannelHandlerContext) {
            if let place { self.relay.lose(place, context.channel) }
        }

        /// SwiftNIO reads a socket that it cannot write to, from within the write: what is read waits until all is sent.
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = NIOLoopBound((self, context, self.unwrapInboundIn(data)), eventLoop: context.eventLoop)
            context.eventLoop.execute {
                let (connection, context, frame) = frame.value
                connection.receive(frame, context)
            }
        }

        private func receive(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
            switch frame.opcode {
            case .text:
                let text = String(buffer: frame.unmaskedData)
                if let place {
                    return self.relay.relay(text, from: place.clientID, in: place.roomKey, context.channel)
                }
                let join = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
                guard let join, join["type"] as? String == "join" else { return context.close(promise: nil) }
                self.place = self.relay.join(join, context.channel)
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
