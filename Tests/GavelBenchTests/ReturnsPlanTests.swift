import Foundation
import Testing

@testable import GavelBench

@Suite("The plan of a restart")
struct ReturnsPlanTests {
    private static func plan(clients: Int, rooms: Int) -> ReturnsPlan {
        var plan = ReturnsPlan(program: URL(filePath: "/bin/sh"))
        plan.clients = clients
        plan.rooms = rooms
        return plan
    }

    @Test("is right by default")
    func usual() {
        #expect(ReturnsPlan(program: URL(filePath: "/bin/sh")).mistakes.isEmpty)
    }

    @Test("cannot have more rooms than clients, no clients, too many, or no log")
    func mistakes() {
        #expect(Self.plan(clients: 5, rooms: 6).mistakes.count == 1)
        #expect(Self.plan(clients: 0, rooms: 1).mistakes.count == 1)
        #expect(Self.plan(clients: BenchPlan.mostClients + 1, rooms: 1).mistakes.count == 1)
        var plan = Self.plan(clients: 8, rooms: 1)
        plan.durability = .memory
        #expect(plan.mistakes.count == 1)
        #expect(ReturnsPlan(program: URL(filePath: "/nowhere")).mistakes.count == 1)
    }

    @Test("gives each room as many clients, one in four of which sends, and another of which is away")
    func shares() {
        let plan = Self.plan(clients: 24, rooms: 3)
        for room in 0..<3 {
            let members = (0..<24).filter { plan.room(of: $0) == room }
            #expect(members.count == 8)
            #expect(members.count(where: plan.isSender) == 2)
            #expect(members.count(where: plan.isAway) == 2)
            #expect(!members.contains { plan.isSender($0) && plan.isAway($0) })
        }
    }

    @Test("has a sender in each room, however small it is")
    func small() {
        let plan = Self.plan(clients: 3, rooms: 3)
        #expect((0..<3).allSatisfy(plan.isSender))
    }
}
