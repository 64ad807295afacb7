// swift-tools-version: 6.2
import PackageDescription

let swift: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
// Deliberate faults that the test suite must find; see Sources/GavelCore/Wire/Mutation.swift.
let mutations: [SwiftSetting] = Context.environment["GAVEL_MUTATIONS"] == nil ? [] : [.define("GAVEL_MUTATIONS")]

func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

func target(_ name: String, _ dependencies: [Target.Dependency], settings: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swift + settings)
}
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: swift)
}

let package = Package(
    name: "gavel",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .executableTarget(
            name: "gavel",
            dependencies: ["GavelBench", "GavelConfig", "GavelServer", argumentParser, logging],
            swiftSettings: swift
        ),
        target(
            "GavelServer",
            [
                "GavelConfig", "GavelCore", "GavelScript", "GavelTransport", lifecycle, logging, nio("NIOCore"),
                nio("NIOPosix"), unixSignals,
            ]
        ),
        target("GavelConfig", ["GavelCore", "GavelScript", "GavelTransport", logging, "TOMLKit"]),
        target(
            "GavelTransport",
            ["GavelCore", crypto, lifecycle, logging, nio("NIOCore"), nio("NIOHTTP1"), nio("NIOPosix")]
        ),
        target("GavelScript", ["CGavelJSON", "CGavelLua", "GavelCore", logging]),
        target("GavelCore", ["CGavelJSON", deque, nio("NIOCore")], settings: mutations),
        target("GavelBench", [histogram, nio("NIOCore"), nio("NIOPosix")]),
        target("GavelTesting", ["CGavelJSON", "GavelCore", nio("NIOCore")]),
        .target(
            name: "CGavelLua",
            dependencies: ["CGavelJSON", "CLua"],
            linkerSettings: [.linkedLibrary("lua5.4")]
        ),
        .target(name: "CGavelJSON"),
        .systemLibrary(name: "CLua"),

        tests("GavelCoreTests", ["GavelCore", "GavelTesting", nio("NIOCore")]),
    ]
)
