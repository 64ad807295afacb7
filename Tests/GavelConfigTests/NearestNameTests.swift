import GavelScript
import Testing

@Suite("Nearest names")
struct NearestNameTests {
    private let names = ["port", "host", "threads", "max_connections", "drain", "ping"]

    @Test(
        "a misspelt name finds the one that was meant",
        arguments: [
            ("prot", "port"), ("Port", "port"), ("thread", "threads"), ("max-connections", "max_connections"),
            ("maxConnections", "max_connections"), ("max_conn", "max_connections"), ("dran", "drain"), ("pnig", "ping"),
        ]
    )
    func finds(name: String, nearest: String) {
        #expect(NearestName.of(name, among: self.names) == nearest)
    }

    @Test("a name that resembles none finds none", arguments: ["", "x", "colour", "zzzzzz", "timeout"])
    func findsNone(name: String) {
        #expect(NearestName.of(name, among: self.names) == nil)
    }

    @Test("a very long name costs no more than a short one can")
    func boundsTime() {
        #expect(NearestName.of(String(repeating: "a", count: 1_000_000), among: self.names) == nil)
    }
}
